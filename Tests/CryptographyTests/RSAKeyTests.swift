import Cryptography
import Testing

@Suite struct RSAKeyTests {
    /// Made for tests; it guards nothing.
    private let pem = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICXAIBAAKBgQDi+m6SMOOIo/tNItRyQxyc5IkNiZG4b7jMZnBf7sm/S+drTAf0
        yNXa8qLj7PvJXirkB+es5NKIiYJ6pzQ2Q42+WOo89vJ/XW0FQtcMPZr25ixNWQ1m
        0GBrPe09DnUktJLgGLd2nBb64fHv+wuFpSsV6aZZ6YzGhfCsQfoyypgrCQIDAQAB
        AoGAECBmQ2wbznUwLAPXKk3LC6P6ei7AXrqkBknE9DFIE5e2AoaYDh6dgH06xjeW
        kBu+WmNBZPmrslhqyoIfZeJDgL9n5QXNl9lBdcXXmtDX9zeAvPaFrG74txbUYoM4
        Pd/MAx3zqgW3QhORa2UYU/RLEk46B7AD4pghJtMAgbW81W0CQQDnmBcCWQWJZF1E
        TQU/pnwiF1tYIzxjHe7s5xESwrdbNJnbJqkQ/4A9H0GZUd+Ut+cRAy+eJURHRswR
        ua2jeKtjAkEA+uXQ+Yg2nZ/YucIWghAcvp+Azlqnq3zVTB+NoQzhbPvP2sfWk1wa
        qQdx0lsCTZETsEhhp+JMT0f6rgs5ix45owJAf4fv+7n744miFm93WXKbXsaP5XwZ
        z9b27/vaGgOhppbTtquWZCbefkoM/JnqTeHrWyHvAd4xuDJTQ9uEs8VKUwJBAPUf
        5Px2TU3QpvBNpKnrzfmbYj+5qEjODKJzzW6EZBWTK+8HASg1e0KbKGQpUGWyEPdQ
        sEBSwtVOcKbsBotZu1sCQHt/KIgBQiiHJAdo6DsCY4K1eYqnmVOstQuc7HGgLRxb
        kWLLDtlLBJfv9XE8jxoz9f55GdxEyxvaXvlcoSXAGLA=
        -----END RSA PRIVATE KEY-----
        """
    /// The same kind of key behind a passphrase.
    private let guarded = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,724AFDA2018F19C5464FEEC6A6B58707

        oNlNrY2roJnx3lNmVdCFYVQdFOc3Hpsc5zf084erToXfI/vnPD9/duh2sh6gX+9y
        +ynMUZCvgwEUbLO8JuFk5mFe0wQSi1pdnQSqAv0bQli3IgxXjHPBCW/0epxGvJ8z
        aHrAxbqFcgmKYfakd3CAOzR6dDDG16JLlDYhR6e33aht3iwA+2lIjbzw/hgF4R6/
        gwfuVLzcea30Zz2q+5KcL+hN18z1xl56gxGvOKsRTIg/Z1zq7lyfv9k+LyNKsR8R
        STiQEvx8a7XqGplYqWjuWXyWEntBVuquiN2NvjHNRGWNYEGcDBGDKDWkYjukmA5Z
        mTX9ZUMT1hvoFQOUhPqrcBmNBpkW1Uek/uh+gGEsqOLGBSAo2ntTWkZkhd34bnXb
        fX35BmSXBUK1JuY8/mgwfw0YBed2ko8POnh9Jd9Cecx1bFB1vOlz7XDlFX/zxwek
        5anGVl+xqvTIQV3CRLdpUQvVFqIi7dnc5DEodtafwHXv92pG2P2LjB6E0w4Caua9
        6PRlNHDqLC//r/SdJUwARh9ha23XDnIu+A+n8jEJqw40S7mTYgmqc0KO9c6Fc6O9
        Y+72aeceXFo/LchkYAwi1agvkHo+uX1ta6XPLcqK/DjYpvHdNGR+dUDKi25wr/u+
        sQ/SSbDHHCgCkV46cv918m/b8x3Up3XU1r4HiN6/3yp3YCVYqr2sEwhRXZ4gQ6SZ
        yda5v8Yn8CoVjhQluot5R6oh8zN8kgGvlPfQ5l3oJcWsfJ/mLQyRQiUqsD5kFou9
        QxICHXEwGdKlAN05p/MztUdfILtK3GGy41ySlkxnuTClLcdFkH+QX26a8Si5FzWG
        -----END RSA PRIVATE KEY-----
        """
    private let ellipticCurve = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIIBqWc9w/AsWWu5o7yVhncmJd7LXXuYg25WfjHWrrGzOoAoGCCqGSM49
        AwEHoUQDQgAE8JXYX22o7M4sDQkH5SP1eolN4JZOIymSJ9eUpRJVLCUUI1jn25pf
        x6YYgkhMNclnI63EUkUGZdGeLlhLeT+v1Q==
        -----END EC PRIVATE KEY-----
        """

    @Test func aTextComesBackAndTheBlocksDiffer() throws {
        let key = try RSAKey(pem: Array(pem.utf8))
        #expect(key.blockSize == 128)
        let first = try key.encrypt([1, 2, 3])
        let second = try key.encrypt([1, 2, 3])
        #expect(first != second)
        #expect(try key.decrypt(first) == [1, 2, 3])
        #expect(try key.decrypt(second) == [1, 2, 3])
        #expect(try key.decrypt(key.encrypt([])) == [])
    }

    @Test func aBlockHoldsElevenBytesLessThanItsLength() throws {
        let key = try RSAKey(pem: Array(pem.utf8))
        let longest = [UInt8](repeating: 7, count: 117)
        #expect(try key.decrypt(key.encrypt(longest)) == longest)
        #expect(throws: RSAKey.Failure.tooLong) { try key.encrypt(longest + [7]) }
    }

    @Test func blocksOfAnotherLengthAreRefused() throws {
        let key = try RSAKey(pem: Array(pem.utf8))
        #expect(throws: RSAKey.Failure.refused) { try key.decrypt([]) }
        #expect(throws: RSAKey.Failure.refused) { try key.decrypt([UInt8](repeating: 0, count: 127)) }
        #expect(throws: RSAKey.Failure.refused) { try key.decrypt([UInt8](repeating: 0xFF, count: 128)) }
    }

    @Test func whatIsNoPlainPrivateKeyIsRefusedAndNobodyIsAskedForAPassphrase() {
        for text in ["", "nonsense", guarded, ellipticCurve, String(pem.dropLast(200))] {
            #expect(throws: RSAKey.Failure.notAPrivateKey) { try RSAKey(pem: Array(text.utf8)) }
        }
    }

    @Test func aKeyMadeHereIsOneOfTheFormThatIsRead() throws {
        let pem = try #require(RSAKey.generatedPEM(bits: 1024))
        #expect(pem.starts(with: Array("-----BEGIN RSA PRIVATE KEY-----".utf8)))
        let key = try RSAKey(pem: pem)
        #expect(key.blockSize == 128)
        #expect(try key.decrypt(key.encrypt([1, 2, 3])) == [1, 2, 3])
        #expect(RSAKey.generatedPEM(bits: 1024) != pem)
        #expect(RSAKey.generatedPEM(bits: 0) == nil)
    }
}
