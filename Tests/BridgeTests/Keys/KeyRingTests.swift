import BrokerModel
import Clocks
import Cryptography
import Testing

@testable import Bridge

@Suite struct KeyRingTests {
    private let now = WallTime(seconds: 1_000_000)
    private let key = APIKey(random: Array(0..<32))
    private let other = APIKey(random: Array(100..<132))

    private func text(_ key: APIKey) -> String { key.secret.withBytes { String(decoding: $0, as: UTF8.self) } }

    private func configured(
        _ key: APIKey, name: String = "k", ranges: [AddressRange]? = nil, expires: WallTime? = nil
    ) -> KeyConfiguration {
        KeyConfiguration(
            name: name, hash: KeyHash(of: key), scopes: [.marketRead], accounts: .only(["main"]),
            symbols: Symbol("700.HK").map { [$0] },
            ranges: ranges, expires: expires)
    }

    private func authenticate(_ ring: KeyRing, _ values: String..., peer: String? = nil) -> Result<
        KeyHolder, KeyFailure
    > {
        ring.authenticate(values, peer: peer.flatMap(IPAddress.init), now: now)
    }

    @Test func theRightKeyIsItsHolder() throws {
        let ring = KeyRing([configured(other, name: "other"), configured(key)])
        let holder = try authenticate(ring, "Bearer \(text(key))").get()
        #expect(holder.name == "k")
        #expect(holder.may(.marketRead) && !holder.may(.trade))
        #expect(holder.mayUse(account: "main") && !holder.mayUse(account: "second"))
        #expect(
            try holder.mayUse(symbol: #require(Symbol("00700.HK"))) && !holder.mayUse(symbol: #require(Symbol("5.HK"))))
        #expect(try authenticate(ring, "bearer  \(text(other))").get().name == "other")
    }

    @Test func nothingPresentedIsMissing() {
        #expect(authenticate(KeyRing([configured(key)])) == .failure(.missing))
    }

    @Test func anotherKeyIsUnknown() {
        #expect(authenticate(KeyRing([configured(key)]), "Bearer \(text(other))") == .failure(.unknown))
        #expect(authenticate(KeyRing([]), "Bearer \(text(key))") == .failure(.unknown))
    }

    @Test func whatIsNotAKeyIsMalformed() {
        let ring = KeyRing([configured(key)])
        let good = text(key)
        let changed = [
            "", "Bearer", "Bearer ", good, "Basic \(good)", "Bearer \(good.dropLast())", "Bearer \(good)A",
            "Bearer \(good) ",
            "Bearer \(good.uppercased())", "Bearer \(good.dropFirst(3))", "Bearer sk_\(good.dropFirst(3))",
            "Bearer\t\(good)",
            "Bearer \(good), Bearer \(good)", "Bearer " + String(repeating: "A", count: 8192), "Bearer bb_\u{0}",
            "Bearer \"\(good)\"",
        ]
        for value in changed { #expect(authenticate(ring, value) == .failure(.malformed), "\(value.prefix(80))") }
        #expect(authenticate(ring, "Bearer \(good)", "Bearer \(good)") == .failure(.malformed))
    }

    @Test func everyChangedCharacterIsRefused() {
        let ring = KeyRing([configured(key)])
        let good = Array(text(key).utf8)
        for index in 3..<good.count {
            var changed = good
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard changed != good else { continue }
            #expect(throws: KeyFailure.self) {
                try authenticate(ring, "Bearer " + String(decoding: changed, as: UTF8.self)).get()
            }
        }
    }

    @Test func aKeyWorksUntilItsMoment() {
        #expect(authenticate(KeyRing([configured(key, expires: now)]), "Bearer \(text(key))") == .failure(.expired))
        #expect(throws: Never.self) {
            try authenticate(KeyRing([configured(key, expires: WallTime(seconds: 1_000_001))]), "Bearer \(text(key))")
                .get()
        }
    }

    @Test func aKeyBoundToAddressesNeedsOneOfThem() throws {
        let ring = KeyRing([configured(key, ranges: [try #require(AddressRange("10.0.0.0/8"))])])
        #expect(authenticate(ring, "Bearer \(text(key))", peer: "192.0.2.1") == .failure(.addressNotAllowed))
        #expect(authenticate(ring, "Bearer \(text(key))") == .failure(.addressNotAllowed))
        #expect(try authenticate(ring, "Bearer \(text(key))", peer: "10.9.9.9").get().name == "k")
    }

    @Test func aHolderIsDroppedWhenItsKeyChanges() throws {
        let ring = KeyRing([configured(key)])
        let holder = try authenticate(ring, "Bearer \(text(key))").get()
        #expect(ring.stillAccepts(holder, now: now))
        #expect(!KeyRing([]).stillAccepts(holder, now: now))
        var narrowed = configured(key)
        narrowed.scopes = [.trade]
        #expect(!KeyRing([narrowed]).stillAccepts(holder, now: now))
        #expect(!KeyRing([configured(key, expires: now)]).stillAccepts(holder, now: now))
    }

    @Test func aNewKeyHasTheShapeOfOne() {
        let made = APIKey.generate()
        #expect(APIKey(text(made)) != nil)
        #expect(text(made) != text(APIKey.generate()))
        #expect(KeyHash(KeyHash(of: made).description) == KeyHash(of: made))
    }

    @Test func aHashIsOfTheWholeText() {
        // Judged by: printf bb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8 | sha256sum
        #expect(text(key) == "bb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
        #expect(
            KeyHash(of: key).description == "sha256:b336b768c771e8ded6262b4dfb83e99078639ba303575db948a62b929fda1d2d")
    }

    @Test(arguments: [
        "", "sha256:", "sha256:zz", "SHA256:" + String(repeating: "a", count: 64),
        "sha256:" + String(repeating: "a", count: 63),
    ])
    func otherSpellingsOfAHashAreRefused(text: String) {
        #expect(KeyHash(text) == nil)
    }
}
