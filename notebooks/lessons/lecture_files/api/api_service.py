import openai
from flask import Flask, request, jsonify

app = Flask(__name__)
openai.api_key = "your-openai-api-key"

@app.route('/predict', methods=['POST'])
def predict():
    data = request.json
    response = openai.Completion.create(
        engine="text-davinci-003",
        prompt=data['text'],
        max_tokens=50
    )
    return jsonify(response)

if __name__ == "__main__":
    app.run(host='0.0.0.0', port=5000)
