import BrokerModel
import Clocks
import Cryptography
import TestSupport
import Testing

@testable import Bridge

/// Reads a text as `f.yaml` and answers what an operator would see.
func problems(
    _ text: String, environment: [String: String] = [:], sharedRights: String? = nil,
    demand: Configuration.Demand = .sandbox
) -> [String] {
    do throws(ConfigurationError) {
        _ = try Configuration.read(
            Array(text.utf8), file: "f.yaml", sharedRights: sharedRights, environment: environment, demand: demand)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

/// Reads a text that has to be right.
func accepted(
    _ text: String, environment: [String: String] = [:], demand: Configuration.Demand = .sandbox
) throws -> Configuration {
    try Configuration.read(
        Array(text.utf8), file: "f.yaml", sharedRights: nil, environment: environment, demand: demand)
}

let hash = "sha256:" + String(repeating: "ab", count: 32)
let otherHash = "sha256:" + String(repeating: "cd", count: 32)
let account = """
    accounts:
      - alias: main
        broker: longbridge
        environment: live
        longbridge: {app_key: k, app_secret: s, access_token: t}

    """

/// What a file of the tests holds.
func contents(of path: String) throws -> String {
    String(decoding: try FileInspector().read(path, limit: 1 << 20, isSecret: false), as: UTF8.self)
}

func text(_ secret: Secret) -> String { secret.withBytes { String(decoding: $0, as: UTF8.self) } }

@Suite struct ConfigurationTests {
    @Test func anEmptyFileIsTheDefaults() throws {
        let configuration = try accepted("")
        #expect(configuration.listen == ListenConfiguration())
        #expect(configuration.limits == LimitsConfiguration())
        #expect(configuration.marketData == MarketDataConfiguration())
        #expect(configuration.keys.isEmpty && configuration.accounts.isEmpty)
    }

    @Test func everySectionIsRead() throws {
        let configuration = try accepted(
            """
            listen:
              addresses: ["[::1]:9000", 127.0.0.1:0]
              allowed_hosts: [Bridge.Example.com]
              public_url: https://bridge.example.com/
              allow_plain_http_on: public
            cors: {origins: [https://app.example.com]}
            limits: {connections: 100, connections_per_address: 50, header_bytes: 8KiB, body_deadline: 5s, streams: 20, streams_per_key: 5}
            \(account)
            keys:
              - name: reader
                hash: \(hash)
                scopes: [market:read, "trade:cancel"]
                accounts: [main]
                symbols: [00700.HK, aapl.us]
                cidrs: [10.0.0.0/8, 192.0.2.1]
                expires: 2027-01-31
            watch: {main: [700.HK, 00700.HK, AAPL.US]}
            log: {level: debug}
            metrics: {listen: 127.0.0.1:9100}
            market_data: {max_wait: 500ms, max_age: 0s}
            """)
        #expect(configuration.listen.addresses.map(\.description) == ["[::1]:9000", "127.0.0.1:0"])
        #expect(configuration.listen.allowedHosts == ["bridge.example.com"])
        #expect(configuration.listen.publicURL == "https://bridge.example.com")
        #expect(configuration.cors.origins == ["https://app.example.com"])
        #expect(configuration.limits.connections == 100 && configuration.limits.isConnectionsSet)
        #expect(configuration.limits.headerBytes == 8192 && configuration.limits.bodyDeadline == .seconds(5))
        #expect(configuration.limits.bodyBytes == LimitsConfiguration().bodyBytes)
        let key = try #require(configuration.keys.first)
        #expect(key.scopes == [.marketRead, .tradeCancel] && key.accounts == .only(["main"]))
        #expect(Set(key.symbols?.map(\.text) ?? []) == ["700.HK", "AAPL.US"])
        #expect(key.ranges?.map(\.description) == ["10.0.0.0/8", "192.0.2.1/32"])
        #expect(key.expires?.rfc3339 == "2027-01-31T00:00:00Z")
        #expect(configuration.watch.symbols["main"]?.map(\.text) == ["700.HK", "AAPL.US"])
        #expect(configuration.log.level == .debug)
        #expect(configuration.metrics.listen?.port == 9100)
        #expect(configuration.marketData.maxWait == .milliseconds(500) && configuration.marketData.maxAge == .zero)
    }

    @Test func everyMistakeIsReportedAtOnceInTheOrderOfTheFile() {
        let found = problems(
            """
            listen:
              adresses: [127.0.0.1:1]
              tls: {certificate: /nowhere/c.pem}
            limits:
              connections: 0
              body_bytes: 12
              header_deadline: 10
            log: {level: loud}
            keys:
              - {name: a, hash: 12, scopes: [market:raed], accounts: [nobody]}
            bogus: 1
            """)
        #expect(
            found == [
                "f.yaml:2:3: listen.adresses: unknown key 'adresses' in listen; did you mean addresses?",
                "f.yaml:3:8: listen.tls.key: this key is required",
                "f.yaml:3:22: listen.tls.certificate: cannot read /nowhere/c.pem: no such file or directory",
                "f.yaml:5:16: limits.connections: 0 is outside 1 to 100000",
                "f.yaml:6:15: limits.body_bytes: expected a size with its unit, such as 64KiB, found '12'",
                "f.yaml:7:20: limits.header_deadline: expected a duration with its unit, such as 10s, found '10'",
                "f.yaml:8:14: log.level: 'loud' is not one of debug, info, warning, error",
                "f.yaml:10:21: keys[0].hash: expected sha256: and 64 hexadecimal digits",
                "f.yaml:10:34: keys[0].scopes[0]: 'market:raed' is not one of market:read, account:read, trade, trade:cancel, "
                    + "raw, audit:read, ops:read, admin; did you mean market:read?",
                "f.yaml:11:1: bogus: unknown key 'bogus'",
            ])
    }

    @Test func aSectionThatIsNoSectionIsReported() {
        #expect(problems("listen: 1") == ["f.yaml:1:9: listen: expected a section of keys, found a single value"])
        #expect(problems("keys: {a: 1}") == ["f.yaml:1:7: keys: expected a list, found a section"])
        #expect(problems("keys: [1]") == ["f.yaml:1:8: keys[0]: expected a section of keys, found a single value"])
        #expect(problems("accounts: [~]") == ["f.yaml:1:12: accounts[0]: expected a section of keys, found nothing"])
        #expect(problems("[1]") == ["f.yaml:1:1: expected a section of keys, found a list"])
        #expect(problems("log:") == [])
        #expect(
            problems("log: {level: }") == [
                "f.yaml:1:14: log.level: expected one of `debug`, `info`, `warning`, `error`, found nothing"
            ])
    }

    @Test func aKeyGivenTwiceIsReportedWithTheOtherMistakes() {
        #expect(
            problems("log: {level: info, level: loud}\nlimits: {streams: 0}") == [
                "f.yaml:1:20: 'level' is given twice, first in line 1",
                "f.yaml:2:19: limits.streams: 0 is outside 1 to 100000",
            ])
    }

    @Test func aBrokenTextIsOneProblem() {
        let found = problems("listen: [1\nlog: {}\n", demand: .service)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("f.yaml:2:") == true)
    }

    @Test func plainHTTPOnAPublicAddressNeedsToBeSaid() {
        let refused = "is not a loopback address and has no TLS: give listen.tls, or say allow_plain_http_on: public"
        for address in ["0.0.0.0:80", "'[::]:80'", "192.0.2.1:80", "10.0.0.1:80"] {
            let found = problems("listen: {addresses: [\(address)]}")
            #expect(found.count == 1 && found.first?.hasSuffix(refused) == true, "\(address): \(found)")
            #expect(problems("listen: {addresses: [\(address)], allow_plain_http_on: public}").isEmpty)
            #expect(problems("listen: {addresses: [\(address)], allow_plain_http_on: loopback}").count == 1)
        }
        #expect(problems("listen: {addresses: [127.8.8.8:80, '[::1]:80']}").isEmpty)
        #expect(problems("metrics: {listen: 0.0.0.0:80}").count == 1)
        #expect(problems("listen: {allow_plain_http_on: public}\nmetrics: {listen: 0.0.0.0:80}").isEmpty)
        #expect(problems("listen: {allow_plain_http_on: yes}").count == 1)
    }

    @Test func theTLSKeyMustBeItsOwnersAlone() throws {
        let folder = TemporaryDirectory()
        let pair = (try contents(of: TestCertificates.server), try contents(of: TestCertificates.key))
        let certificate = folder.write("c.pem", pair.0, mode: 0o644)
        let key = folder.write("k.pem", pair.1, mode: 0o640)
        let text = "listen: {addresses: [0.0.0.0:443], tls: {certificate: \(certificate), key: \(key)}}"
        #expect(problems(text).count == 1)
        #expect(problems(text).first?.contains("(mode 0640): chmod 600") == true)
        folder.write("k.pem", pair.1, mode: 0o400)
        #expect(try accepted(text).listen.tls == TLSFiles(certificate: certificate, key: key))
    }

    @Test func certificatesThatCannotBeServedAreSaidBeforeAnythingListens() throws {
        let folder = TemporaryDirectory()
        let pair = (try contents(of: TestCertificates.server), try contents(of: TestCertificates.key))
        let (certificate, key) = (folder.write("c.pem", pair.0, mode: 0o644), folder.write("k.pem", "K", mode: 0o600))
        let text = "listen:\n  tls:\n    certificate: \(certificate)\n    key: \(key)"
        let refusedKey = "f.yaml:4:10: listen.tls.key: \(key): expected a private key in PEM, without a passphrase"
        #expect(problems(text) == [refusedKey])
        folder.write("k.pem", try #require(RSAKey.generatedPEM(bits: 1024)))
        #expect(
            problems(text) == [
                "f.yaml:4:10: listen.tls.key: \(key) is not the key of the certificate in \(certificate)"
            ])
        folder.write("c.pem", "C", mode: 0o644)
        let refusedChain =
            "f.yaml:3:18: listen.tls.certificate: \(certificate): expected a chain of certificates in PEM"
        #expect(problems(text) == [refusedChain])
    }

    @Test func thePublicAddressIsAHostToo() throws {
        let configuration = try accepted(
            "listen: {public_url: 'https://Bridge.Example.com', allowed_hosts: [other.example]}")
        #expect(configuration.listen.names == ["other.example", "bridge.example.com"])
        #expect(
            try accepted("listen: {public_url: 'https://bridge.example.com:8443'}").listen.names == [
                "bridge.example.com:8443"
            ])
        #expect(try accepted("").listen.names.isEmpty)
    }

    @Test func oneAddressHasOneListener() {
        #expect(
            problems("listen: {addresses: [127.0.0.1:9000]}\nmetrics: {listen: 127.0.0.1:9000}") == [
                "f.yaml:2:19: metrics.listen: the API listens at 127.0.0.1:9000"
            ])
        #expect(problems("listen: {addresses: [127.0.0.1:0]}\nmetrics: {listen: 127.0.0.1:0}").isEmpty)
    }

    @Test func limitsThatContradictEachOtherAreRefused() {
        #expect(
            problems("limits: {connections: 10, connections_per_address: 11, streams: 11, streams_per_key: 12}") == [
                "f.yaml:1:52: limits.connections_per_address: 11 can never be reached: limits.connections is 10",
                "f.yaml:1:65: limits.streams: 11 can never be reached: limits.connections is 10",
                "f.yaml:1:86: limits.streams_per_key: 12 can never be reached: limits.streams is 11",
            ])
        #expect(problems("limits: {connections: 10}").isEmpty)
    }

    @Test func connectionsFitTheFilesTheProcessMayOpen() throws {
        let standard = try LimitsConfiguration().fitted(toDescriptors: 1024)
        #expect(standard.connections == 1024 - LimitsConfiguration.reservedDescriptors)
        #expect(standard.connectionsPerAddress <= standard.connections && standard.streams <= standard.connections)
        #expect(try LimitsConfiguration().fitted(toDescriptors: 100_000) == LimitsConfiguration())
        var set = LimitsConfiguration()
        (set.connections, set.isConnectionsSet) = (1000, true)
        #expect(throws: ConfigurationProblem.self) { try set.fitted(toDescriptors: 1024) }
        #expect(try set.fitted(toDescriptors: 1128).connections == 1000)
        #expect(throws: ConfigurationProblem.self) { try LimitsConfiguration().fitted(toDescriptors: 143) }
    }

    @Test func aServerNeedsAKeyAndAnAccount() {
        #expect(
            problems("{}", demand: .service) == [
                "f.yaml:1:1: keys: no key is configured, so nobody could call: make one with 'brokerbridge key create'",
                "f.yaml:1:1: accounts: no account is configured",
            ])
        #expect(problems("", demand: .service).count == 2)
        #expect(problems("", demand: .sandbox).isEmpty)
    }

    @Test func namesAndHashesOfKeysAreUnique() {
        #expect(
            problems(
                """
                \(account)
                keys:
                  - {name: a, hash: "\(hash)", scopes: [trade], accounts: all}
                  - {name: a, hash: "\(hash)", scopes: [trade], accounts: [mian]}
                """
            ).map { $0.split(separator: ":", maxSplits: 3).last.map(String.init) } == [
                " keys[1].name: another key has the name 'a'",
                " keys[1].hash: the key 'a' has the same hash",
                " keys[1].accounts: there is no account 'mian'; did you mean main?",
            ])
    }

    @Test func aRestrictionThatCannotBeReadGivesNoKey() {
        for part in ["symbols: [nope]", "cidrs: [10.0.0.1/8]", "expires: soon", "symbols: []"] {
            #expect(
                problems("keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: all, \(part)}]").count == 1,
                "\(part)")
        }
        #expect(problems("keys: [{name: a, hash: '\(hash)', scopes: [trade]}]").count == 1)
        #expect(problems("keys: [{name: a, hash: '\(hash)', scopes: [], accounts: all}]").count == 1)
        #expect(problems("keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: everything}]").count == 1)
    }

    @Test func aKeyInPlaceOfItsHashIsNotRepeated() {
        let secret = "bb_" + String(repeating: "A", count: 43)
        let found = problems("keys: [{name: a, hash: \(secret), scopes: [trade], accounts: all}]")
        #expect(found.count == 1 && found.first?.contains("AAAA") == false)
        #expect(found.first?.contains("this is a key itself") == true)
    }

    @Test func watchedAccountsExist() {
        #expect(
            problems("\(account)watch: {mian: [700.HK]}").map {
                $0.split(separator: ":", maxSplits: 3).last.map(String.init)
            } == [
                " watch.mian: there is no account 'mian'; did you mean main?"
            ])
        let many = (1...501).map { "\($0).HK" }.joined(separator: ", ")
        #expect(problems("\(account)watch: {main: [\(many)]}").count == 1)
    }

    @Test func aReloadKnowsWhatItCannotTakeOver() throws {
        let old = try accepted("log: {level: info}")
        #expect(
            try old.sectionsNeedingRestart(
                against: accepted("log: {level: debug}\ncors: {origins: [https://a.example]}")
            ).isEmpty)
        #expect(
            try old.sectionsNeedingRestart(
                against: accepted("listen: {addresses: [127.0.0.1:1]}\nlimits: {streams: 5}")) == ["listen", "limits"])
        #expect(try old.sectionsNeedingRestart(against: accepted(account)) == ["accounts"])
    }

    @Test func aMissingFileIsOneProblemWithItsPath() {
        #expect {
            try Configuration.load(file: "/nowhere/b.yaml", environment: [:])
        } throws: { error in
            "\(error)" == "/nowhere/b.yaml: cannot read /nowhere/b.yaml: no such file or directory"
        }
        #expect(throws: ConfigurationError.self) { try Configuration.load(file: "/tmp", environment: [:]) }
    }
}
