internal import COpenSSL

extension RSAKey {
    /// A new private key as a PEM text in the form of PKCS #1 (`BEGIN RSA PRIVATE KEY`), without a passphrase: for
    /// simulations and tests of programs that share one. `nil` if OpenSSL makes none of that size.
    public static func generatedPEM(bits: Int) -> [UInt8]? {
        guard bits >= 512, bits <= 16_384, let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) > 0, EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) > 0,
            EVP_PKEY_keygen(context, &key) > 0, let key
        else { return nil }
        defer { EVP_PKEY_free(key) }
        guard let output = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(output) }
        guard PEM_write_bio_PrivateKey_traditional(output, key, nil, nil, 0, nil, nil) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        return count > 0 ? Array(bytes.prefix(Int(count))) : nil
    }
}
