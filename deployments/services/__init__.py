"""What all programs share: the HTTP contract, the application, batching, the gateway, the server.

Nothing here imports torch, transformers, or docker: the API's container has none of them.
"""
