import Cryptography

/// Keys made for these tests; they open nothing.
enum TestKeys {
    static let gateway = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICXAIBAAKBgQC1aSGYuTS/xnLj8c9HYxSqKHCrWapOfrhW5MI0WAYov8nu8Poh
        ojQD5/jL//qGkZDTdZ9HrkNfq/hDjgX9VxzlGC5wM0xuhKVKVLy+ZOqr1vY9ikFZ
        ZLp+cn2fFhr+JNnWEPSWc1QjtE8m9bhhtdr4MzL2JBXAY8GljVthCzeW6QIDAQAB
        AoGAKYd+vHKxo7FvfcVOmV4STf3iBSgKt9uEocfOuaLpDg0R0lRyPp7eX4KMT08z
        b/kE+ZO0ufknzVAWDokF0ABQSbMFpeSH8HN78VBi2T6dcKfRR6h4/XZualW+S0Sp
        PYeIjOZHnXEM5FGpLOHZ4cAOfFoWUYZ1uwwCUnQhAai3jwECQQDmAihBTT50SwEP
        hI89H5p4J/dTyqsVhbEBo3ynt1FQkUNhsD6AhI9wDCQ0SVrrqoN1y1sZ3mctn1aD
        WDkwiLdJAkEAyekavd8XkiVpHzMjyI0xHuNOHgSY2ov/7aRZ1huy9XP92ELdIgTp
        n+rI002OIvciMfPNzo8HJEMy5ORTdJ/CoQJAOtagb5wP9vXc7phNgChefpBSv7ef
        rmDF2BJ3Z/wILCEM6KeKRZwjiVlBxbJiNNkoyfBcfLCdGlmhavYdoyHGKQJADjJV
        rwQApEX9HjR6T5+d1I4m7/ViyfsOA6eKqYNJEfkV4B7TbZDq3FOlyzWoyMyXmuuJ
        jPyBhAs1iOKE+65AAQJBAK+NATCqv+HIDA6uSsEvh2gYlw6wr5YZHPVdOfIaneU1
        MfY9tVnu2g2Ki/AwJl2pkPwMy7+Fzfpiu1RyPbzgoqg=
        -----END RSA PRIVATE KEY-----
        """
    static let other = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICXQIBAAKBgQDwGzxrN37ebUCvzBRku3GWD7f610Xwp1TotfF/9kED+OkBDW7j
        /N6O5cUgac4yG4suoQCvN6f9Ye3DH8FQ+BTC5mz3InpKTjkbKIRB+4vXf4FybdcE
        P974pkNPc1fij05Qbgbys3/PJxhsQjGJ3zYDmy9Z91cIEZT0T+MzGuVVlwIDAQAB
        AoGBAIkKMoDLStjuqFXt99HKfjj0vcAocB27k6XCepTbWx5GSc60+Q6c+/W5RLqM
        SQimWdkCQZ6/+FyRMSAGFtL81PORd5QxjS+ISuQMd7P8/nxlMC4JWdukGlaaoj3o
        i1+Y6Zi+Ye6t4fkoshXLxjrICH0poUcPqqVCF3kBoMHRDH2pAkEA/UlLVO0vlqwi
        tbxqY9iKoCMSKsbG1fkOHY5HEMmkNzVGEx1DmfD/h5KM1l2WGOTQCNCzsZ9rvfiZ
        Kt1c4Iey2wJBAPKtytNvN00W2rVt42aLIxJTPwKZuOn72mqkevD/e8Rh4G+MunEN
        0mBu6GGHDJiY7p/bMuV/1uD9PTVQKqEsnvUCQAbSQ4IdBSwUpLaqRV89BLa9Ww7l
        3ZMDqxqmq0lLdO27tJBtOFXcBLW8/6gCSzmOZ//kxwIgngE2wcFCxu6RGQMCQQC0
        CkWYmUEw2wzFX1I+6GjLlqD/n+Y1CVlglshy9UfwSSEGASTs7PEwA/g5KsUojQUz
        6Z6X70EOyDHZ1LDbxEvlAkBZGqj2G7RGuY/U4K+Lea/3zG2RlaKRdOXXxkaxGNVe
        2aqncXbjjxASj3Go3QWZzgkjwFQSl0k2c69+JGhSPyfb
        -----END RSA PRIVATE KEY-----
        """

    static func key(_ pem: String) throws -> RSAKey { try RSAKey(pem: Array(pem.utf8)) }
}
