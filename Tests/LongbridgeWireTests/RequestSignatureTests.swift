import Bytes
import Clocks
import Cryptography
import LongbridgeWire
import Testing

/// The vectors V1 to V8 were captured from the vendor's Python client 5.3.0 against a loopback server.
@Suite struct RequestSignatureTests {
    static let key = "9f3c1b7a5e2d48c0a6b4d8e2f0137c59"
    static let secret = Secret("b7e0c4d95a1f4e6c8d2a7b3f9e5c1d0846af27c3e1b94d5f8a60c2e7d3b19f45")
    static let token = Secret("m_test.access.token-000001")

    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var request: SignableRequest
        var timestamp: String
        var signature: String
        var testDescription: String { name }

        init(
            _ name: String, _ method: String, _ target: String, _ timestamp: String, body: String = "",
            _ signature: String
        ) {
            self.name = name
            request = SignableRequest(method: method, target: target, body: Array(body.utf8))
            self.timestamp = timestamp
            self.signature = signature
        }
    }

    static let vectors = [
        Vector(
            "V1", "GET", "/v1/socket/token", "1700000000",
            "23db27474f3f3bd3f1558033e05bea9b1f8618575c70878e7dc048b95781a767"),
        Vector(
            "V2", "GET", "/v1/asset/stock?symbol=700.HK&symbol=BABA.US", "1700000000",
            "ec6b313feab1e525ac1b69c4a953d74511efbe2030fbf4108620579a8c6a48d9"),
        Vector(
            "V3", "POST", "/v1/trade/order", "1700000000",
            body: #"{"order_type":"LO","remark":"sim","side":"Buy","submitted_price":"50","submitted_quantity":"200","#
                + #""symbol":"700.HK","time_in_force":"Day"}"#,
            "da3aa53a9bd861d11117d54f4f7509cbbbd5cbd7c9fa85aa6fb194d521246fcf"),
        Vector(
            "V4", "DELETE", "/v1/trade/order?order_id=706388312699592704", "1700000000",
            "c44460233cbb1a37a12f2951d6b3f8aa7c9ebd104339d3c4a8c59ebb434acb5c"),
        Vector(
            "V5", "PUT", "/v1/trade/order", "1700000000",
            body: #"{"order_id":"706388312699592704","price":"49.5","quantity":"100"}"#,
            "da0ac1a97630ad6905a960e8fc6b81c9d4d3c2aae38173346cdb5efc5ecb16ad"),
        Vector(
            "V6", "GET",
            "/v1/trade/order/today?symbol=A+B%26C%3D%E4%B8%AD%2F%2B%7E*-._&status=NewStatus&status=PartialFilledStatus",
            "1795206591", "c5586e3a8cc55052555507f38d03f96b5cfc95240e07565fc6186807a46cf3d0"),
        Vector(
            "V7", "POST", "/v1/trade/order", "1795206591",
            body: #"{"symbol":"700.HK","order_type":"LO","side":"Buy","submitted_quantity":"200","#
                + #""time_in_force":"Day","submitted_price":"50","remark":"hi 中文"}"#,
            "2283969b181295a63763bc73bd5c63e69f370840df0251f1d01fe489c6c69970"),
        Vector(
            "V8", "GET", "/v1/trade/order/today?", "1795206591",
            "aa70911bf8f8639e2fec5b00fe2440ba4c7fcfb7644ba6d96fc71cedaf28f4ac"),
    ]

    private func verifies(
        _ vector: Vector, _ request: SignableRequest? = nil, token: Secret? = token, key: String = key,
        secret: Secret = secret, timestamp: String? = nil
    ) throws -> Bool {
        let header = "HMAC-SHA256 SignedHeaders=authorization;x-api-key;x-timestamp, Signature=\(vector.signature)"
        return try #require(RequestSignature(headerValue: header))
            .verifies(
                request ?? vector.request, token: token, key: key, secret: secret,
                timestamp: timestamp ?? vector.timestamp)
    }

    @Test(arguments: vectors) func theVendorsClientSignsTheSame(vector: Vector) throws {
        let signature = RequestSignature.sign(
            vector.request, token: Self.token, key: Self.key, secret: Self.secret, timestamp: vector.timestamp)
        #expect(
            signature.headerValue
                == "HMAC-SHA256 SignedHeaders=authorization;x-api-key;x-timestamp, Signature=\(vector.signature)")
        #expect(RequestSignature(headerValue: signature.headerValue) == signature)
        #expect(try verifies(vector))
    }

    @Test(arguments: vectors) func anyChangeOfWhatIsCoveredFailsToVerify(vector: Vector) throws {
        var changed = vector.request
        changed.method = "PATCH"
        #expect(try !verifies(vector, changed))
        changed = vector.request
        changed.path += "/"
        #expect(try !verifies(vector, changed))
        changed = vector.request
        changed.query += "&"
        #expect(try !verifies(vector, changed))
        changed = vector.request
        changed.body.append(UInt8(ascii: "\n"))
        #expect(try !verifies(vector, changed))
        #expect(try !verifies(vector, token: Secret("m_test.access.token-000002")))
        #expect(try !verifies(vector, token: nil))
        #expect(try !verifies(vector, key: Self.key + "0"))
        #expect(try !verifies(vector, secret: Secret("other")))
        #expect(try !verifies(vector, timestamp: vector.timestamp + ".000"))
    }

    @Test func aCallWithoutATokenCoversTheOtherTwoHeaders() throws {
        let request = SignableRequest(method: "GET", target: "/v1/test")
        let signature = RequestSignature.sign(
            request, token: nil, key: Self.key, secret: Self.secret, timestamp: "1700000000")
        #expect(signature.headerValue.hasPrefix("HMAC-SHA256 SignedHeaders=x-api-key;x-timestamp, Signature="))
        let read = try #require(RequestSignature(headerValue: signature.headerValue))
        #expect(read.verifies(request, token: nil, key: Self.key, secret: Self.secret, timestamp: "1700000000"))
        #expect(!read.verifies(request, token: Self.token, key: Self.key, secret: Self.secret, timestamp: "1700000000"))
    }

    @Test func otherHeaderValuesAreNotRead() {
        let digits = String(repeating: "ab", count: 32)
        let list = "SignedHeaders=authorization;x-api-key;x-timestamp"
        #expect(RequestSignature(headerValue: "HMAC-SHA256 \(list), Signature=\(digits)") != nil)
        for value in [
            "", "HMAC-SHA256", "HMAC-SHA1 \(list), Signature=\(digits)", "HMAC-SHA256  \(list), Signature=\(digits)",
            "HMAC-SHA256 \(list),Signature=\(digits)", "HMAC-SHA256 \(list), Signature=\(digits)0",
            "HMAC-SHA256 \(list), Signature=\(digits.dropLast(2))", "HMAC-SHA256 \(list), Signature=\(digits) ",
            "HMAC-SHA256 \(list), Signature=\(digits.uppercased())", "hmac-sha256 \(list), Signature=\(digits)",
            "HMAC-SHA256 SignedHeaders=x-api-key, Signature=\(digits)",
        ] {
            #expect(RequestSignature(headerValue: value) == nil, "\(value)")
        }
    }

    @Test func targetsAreSplitAtTheFirstQuestionMarkOnly() {
        let request = SignableRequest(method: "GET", target: "/a%3Fb?c?d=e")
        #expect(request.path == "/a%3Fb")
        #expect(request.query == "c?d=e")
    }

    @Test func timestampsNeverRepeatAndFollowTheClock() {
        var timestamps = SignatureTimestamps()
        let start = WallTime(milliseconds: 1_539_095_200_999)
        #expect(timestamps.next(now: start) == "1539095200.999")
        #expect(timestamps.next(now: start) == "1539095201.000")
        #expect(timestamps.next(now: start) == "1539095201.001")
        #expect(timestamps.next(now: WallTime(milliseconds: 1_539_095_201_001)) == "1539095201.002")
        #expect(timestamps.next(now: WallTime(milliseconds: 1_539_095_300_050)) == "1539095300.050")
        #expect(timestamps.next(now: WallTime(milliseconds: 1_539_091_600_007)) == "1539091600.007")
    }
}
