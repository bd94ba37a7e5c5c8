"""What all programs share: the HTTP contract, the application, batching, the gateway's upstream, the server.

Nothing here imports torch, transformers or docker: the API container has none of them, and a test holds it.
"""
