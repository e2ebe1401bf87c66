import Cryptography
import Testing

/// The texts were made by OpenSSL's own program for these tests; nothing trusts them.
@Suite struct CertificatePairTests {
    private func refusal(_ chain: String, _ key: String) -> CertificatePair.Refusal? {
        do throws(CertificatePair.Refusal) {
            try CertificatePair.judge(chain: Array(chain.utf8), key: Array(key.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func aCertificateAndItsKeyAreAPair() {
        #expect(refusal(Self.certificate, Self.key) == nil)
        #expect(refusal("\(Self.certificate)\n\(Self.certificate)\n", Self.key) == nil)
        #expect(refusal("# the chain\n\(Self.certificate)\n# its end\n", "\n\(Self.key)\n") == nil)
    }

    @Test func whatIsToBlameIsSaid() {
        #expect(refusal("", Self.key) == .notACertificateChain)
        #expect(refusal("garbage", Self.key) == .notACertificateChain)
        #expect(refusal(Self.key, Self.key) == .notACertificateChain)
        #expect(refusal("\(Self.certificate)\n\(Self.certificate.dropLast(40))", Self.key) == .notACertificateChain)
        #expect(refusal(Self.certificate, "") == .notAPrivateKey)
        #expect(refusal(Self.certificate, Self.certificate) == .notAPrivateKey)
        #expect(refusal(Self.certificate, Self.otherKey) == .keyOfAnother)
    }

    @Test func aPassphraseIsNotAskedFor() {
        #expect(refusal(Self.certificate, Self.keyBehindAPassphrase) == .notAPrivateKey)
    }

    @Test func everyCutOfEitherIsRefusedOrTheWhole() {
        for length in stride(from: 0, to: Self.certificate.utf8.count - 1, by: 7) {
            #expect(refusal(String(Self.certificate.prefix(length)), Self.key) == .notACertificateChain)
        }
        for length in stride(from: 0, to: Self.key.utf8.count - 1, by: 7) {
            #expect(refusal(Self.certificate, String(Self.key.prefix(length))) == .notAPrivateKey)
        }
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASWgAwIBAgIUXOd9gi7iQjnIZo/gGN82tf6jvuEwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE0MjUyMFoYDzIxMjYxMDI4
        MTQyNTIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAQwKLHOWs3BMj9ay3cHGdMPe72FGD8rMkaB6y6VC2OxYjeFuAkgKAoC
        WcXqsIhM7ZimUeCqLpNYYpCBUfFOSSeDo1MwUTAdBgNVHQ4EFgQUQC6Zko9wF/PS
        bZWz5efxijH6MCswHwYDVR0jBBgwFoAUQC6Zko9wF/PSbZWz5efxijH6MCswDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA8uu/6RdU8goCiHFPZ3C6
        EvfkYqFfyegB3GLflOmFFE8CIDYiA1p8UP+/lIsJo9HU4Gw26SLw6/xMnALbk1HK
        C4wi
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQvKquEJnGEBALWzh
        qqareTbzuvA61yfnNMq/bFr89CmhRANCAAQwKLHOWs3BMj9ay3cHGdMPe72FGD8r
        MkaB6y6VC2OxYjeFuAkgKAoCWcXqsIhM7ZimUeCqLpNYYpCBUfFOSSeD
        -----END PRIVATE KEY-----
        """

    private static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmPgVTro2r8xMbRaB
        S2jiVqdvkp3AjoPknDCmTqJHSpehRANCAAQDHOdfK/FCk9nsxm4UfkGEmQvN9xhJ
        9u9crBaGA8gC8oeFBHGvunwPNREHS1c5Kh5OV4ts85IVhwJKNZO2Pr2h
        -----END PRIVATE KEY-----
        """

    private static let keyBehindAPassphrase = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,53F8633CC791C2665A8891B25A8026B2

        6IjeP04lCgVCVrrlLdw0ZlAMlI6TWZpmr8+J/FbAeplnDyCDh+N6WjT+FwermGYc
        Cn9lUM0F1eMmPwUh/8j0mg+b0gR3XqDF+iQ4tP6f8+gPyEfy7xS5W+RWjFHgfBSj
        4/FNgX2Rm3Ng1Oi9iODrs2Idv1DqMBv1sjrE9QPlOBs=
        -----END EC PRIVATE KEY-----
        """
}
