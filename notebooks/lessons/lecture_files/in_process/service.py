from flask import Flask, request, jsonify
from transformers import pipeline

app = Flask(__name__)
model = pipeline("text-classification")

@app.route('/predict', methods=['POST'])
def predict():
    data = request.json
    prediction = model(data['text'])
    return jsonify(prediction)

if __name__ == "__main__":
    app.run(host='0.0.0.0', port=5000)
