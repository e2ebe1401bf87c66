import Glibc
import TestSupport
import Testing

@testable import Bridge

/// What the repository says about the configuration, held against what the parser does.
@Suite struct ConfigurationDocumentTests {
    private static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }

    private func read(_ path: String) throws -> String {
        let bytes = try FileInspector().read("\(Self.root)/\(path)", limit: 1 << 20, isSecret: false)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// With BROKERBRIDGE_UPDATE_DOCUMENTS=1 the table is written anew instead of being compared.
    @Test func theKeyTableIsTheSchema() throws {
        var text = try read("docs/configuration.md")
        let start = try #require(text.firstRange(of: "<!-- keys: generated from the schema -->\n"))
        let end = try #require(text.firstRange(of: "<!-- keys: end -->"))
        if getenv("BROKERBRIDGE_UPDATE_DOCUMENTS") != nil {
            text.replaceSubrange(start.upperBound..<end.lowerBound, with: ConfigurationSchema.markdownTable)
            let descriptor = open("\(Self.root)/docs/configuration.md", O_WRONLY | O_TRUNC | O_CLOEXEC)
            defer { close(descriptor) }
            let bytes = Array(text.utf8)
            #expect(write(descriptor, bytes, bytes.count) == bytes.count)
            return
        }
        #expect(String(text[start.upperBound..<end.lowerBound]) == ConfigurationSchema.markdownTable)
    }

    @Test func everyKeyOfTheSchemaIsAskedForByTheParser() throws {
        let text = """
            listen: {tls: {certificate: /c, key: /k}}
            accounts:
              - {alias: a, broker: longbridge, environment: live, longbridge: {}}
              - {alias: b, broker: futu, environment: live, opend: {}}
            keys: [{}]
            watch: {a: []}
            """
        var asked: Set<String> = []
        _ = try? Configuration.read(
            Array(text.utf8), file: "f", sharedRights: nil, environment: [:], askedFor: { asked = $0 })
        #expect(asked == Set(ConfigurationSchema.rows.map(\.path)))
    }

    @Test func pathsOfTheSchemaAreUnique() {
        let paths = ConfigurationSchema.rows.map(\.path)
        #expect(Set(paths).count == paths.count)
    }

    @Test func theExampleIsAcceptedWithItsSecretsInPlace() throws {
        let folder = TemporaryDirectory()
        for name in ["app_key", "app_secret", "access_token"] { folder.write(name, "x") }
        let text = try read("deploy/brokerbridge.example.yaml").replacing("/run/secrets", with: folder.path)
        let configuration = try Configuration.read(
            Array(text.utf8), file: "example", sharedRights: "0644", environment: [:], demand: .service)
        #expect(configuration.accounts.count == 1 && configuration.keys.count == 2)
    }
}
