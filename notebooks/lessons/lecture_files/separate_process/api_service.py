import requests
from flask import Flask, request, jsonify

app = Flask(__name__)

MODEL_URL = "http://localhost:5001/predict"

@app.route('/predict', methods=['POST'])
def predict():
    data = request.json
    response = requests.post(MODEL_URL, json=data)
    return response.json()

if __name__ == "__main__":
    app.run(host='0.0.0.0', port=5000)
