{
  "sha256": "e597f58f76472291579ef6428f539c73cb2854da0caefc03fe4e74e86a98d293",
  "key": "4313aa3b02f995f7fca4c84dedafa4e9547eb95570531455b9b5f07a5769ba3b",
  "signature": "yep/sZ1lCuPWjvKDY2YLNMxfI44jayrvDXwPJSYDRg/snYjbAAudoq8YwWyn2zAbuKoHChhyamjeZDsFyGhABA=="
}
