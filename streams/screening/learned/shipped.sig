{
  "sha256": "c09a161d69c5f2994185b97aaf7390596a441e65fe9f64e2a288a1c6e90657d4",
  "key": "4313aa3b02f995f7fca4c84dedafa4e9547eb95570531455b9b5f07a5769ba3b",
  "signature": "c2GD0bpRUNR7gwkUGAg/wn+MLBIdyz8hfA8lyi7p8C+RAyGo7u+xnjzyuLQauFCZeDIlUgYPy7wVseiQrXGyBA=="
}
