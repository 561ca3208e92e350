{
  "sha256": "27948e0a7d911a6e1cf8b4d456891177357defafbec5ad565381ff88da08c6a1",
  "key": "4313aa3b02f995f7fca4c84dedafa4e9547eb95570531455b9b5f07a5769ba3b",
  "signature": "KTphwyaTko2Sdor4q4t4Cu6X7Budlwoa7FPyqSepRZ/9cbataeSEqGLv/PQ+8o0FBOEjYHJzcdPgDVFrtvexDA=="
}
