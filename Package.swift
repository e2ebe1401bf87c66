// swift-tools-version: 6.2
import PackageDescription

// The target graph is the architecture: docs/architecture.md. Dependencies point down this file's order only.

/// `make test` and CI set it: a warning is then an error. A user's newer compiler may warn about more, so it is off for them.
let isStrict = Context.environment["BROKERBRIDGE_STRICT"] == "1"

let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

/// Release builds name their commit and time in the environment; the manifest's own checkout may not be a repository.
let buildStamp: [CSetting] = ["BROKERBRIDGE_COMMIT": "BB_BUILD_COMMIT", "BROKERBRIDGE_BUILD_TIME": "BB_BUILD_TIME"]
    .sorted { $0.key < $1.key }
    .compactMap { variable, macro in
        Context.environment[variable].map { value in
            .define(macro, to: "\"\(value.filter { $0 != "\"" && $0 != "\\" })\"")
        }
    }

/// Names test targets, with spaces between them: a build for these alone leaves the others out, and what only they need.
let onlyTests = Context.environment["BROKERBRIDGE_TESTS"]?.split(separator: " ").map(String.init)

func swift(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func test(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "brokerbridge",
    products: [.executable(name: "brokerbridge", targets: ["brokerbridge"])],
    targets: [
        // C: module maps of Debian's libraries, and one-call shims for what Swift cannot import.
        .systemLibrary(name: "CLibevent"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CCurl"),
        .systemLibrary(name: "CWslay"),
        .systemLibrary(name: "CYaml"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CZlib"),
        .target(name: "CShims", cSettings: buildStamp),

        // Pure: no sockets, no clock, no randomness, no Foundation.
        swift("Clocks"),
        swift("Bytes"),
        swift("Protobuf", ["Bytes"]),
        swift("Cryptography", ["Bytes", "COpenSSL"]),
        swift("Compression", ["CZlib"]),
        swift("HTTPWire", ["Bytes", "Clocks"]),
        swift("Limits", ["Clocks"]),
        swift("OAuth", ["Bytes", "Clocks", "Cryptography"]),
        swift("BrokerModel", ["Bytes", "Clocks"]),
        swift("LongbridgeWire", ["Bytes", "Clocks", "Compression", "Cryptography", "Protobuf"]),
        swift("OpenDWire", ["Bytes", "Clocks", "Cryptography", "Protobuf"]),

        // Runtime: one event loop, and the drivers that put a wire on it.
        swift("EventLoops", ["Clocks", "CLibevent", "COpenSSL", "CShims"]),
        swift("HTTPServing", ["Bytes", "Clocks", "EventLoops", "HTTPWire"]),
        swift("HTTPCalling", ["Bytes", "CCurl", "CShims", "Clocks", "EventLoops", "HTTPWire"]),
        swift("WebSockets", ["Bytes", "CShims", "CWslay", "Clocks", "Cryptography", "EventLoops", "HTTPWire"]),

        // One file, on a thread of its own.
        swift("Storage", ["CShims", "CSQLite", "Clocks", "Cryptography", "EventLoops"]),

        // The chained log of who asked for what, on threads of its own.
        swift("AuditLog", ["Bytes", "CShims", "Clocks", "Cryptography", "EventLoops"]),

        // Brokers: the seam, and an adapter each.
        swift("BrokerSessions", ["BrokerModel", "Clocks", "EventLoops"]),
        swift(
            "LongbridgeBroker",
            [
                "BrokerModel", "BrokerSessions", "Bytes", "Clocks", "Cryptography", "EventLoops", "HTTPCalling",
                "HTTPWire", "Limits", "LongbridgeWire", "OAuth", "Protobuf", "Storage", "WebSockets",
            ]),
        swift(
            "OpenDBroker",
            [
                "BrokerModel", "BrokerSessions", "Bytes", "Clocks", "Cryptography", "EventLoops", "Limits", "OpenDWire",
                "Protobuf", "Storage",
            ]),

        // Product.
        swift(
            "Bridge",
            [
                "AuditLog", "BrokerModel", "BrokerSessions", "Bytes", "CShims", "CYaml", "Clocks", "Cryptography",
                "EventLoops",
                "HTTPServing", "HTTPWire", "Limits", "Storage",
            ]),
        swift(
            "Sandbox",
            [
                "Bytes", "Clocks", "Cryptography", "EventLoops", "HTTPServing", "HTTPWire", "Limits", "LongbridgeWire",
                "OpenDWire", "Protobuf", "WebSockets",
            ]),
        .executableTarget(
            name: "brokerbridge",
            dependencies: [
                "AuditLog", "Bridge", "BrokerModel", "BrokerSessions", "Bytes", "CShims", "Clocks", "Cryptography",
                "EventLoops",
                "HTTPCalling", "HTTPServing", "HTTPWire", "LongbridgeBroker", "LongbridgeWire", "OpenDBroker",
                "OpenDWire",
                "Sandbox", "Storage",
            ],
            swiftSettings: settings),

        // Run by scripts/generate-messages, never by the product.
        .executableTarget(
            name: "protobuf-generator", dependencies: ["Bytes", "Protobuf"], swiftSettings: settings),

        // Tests.
        .target(
            name: "TestSupport", dependencies: ["Bytes", "Clocks", "CShims", "EventLoops"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "JudgedSchemas", dependencies: ["Bytes", "Protobuf"], path: "Tests/JudgedSchemas",
            exclude: ["Schemas"],
            swiftSettings: settings),
        .executableTarget(
            name: "protobuf-echo", dependencies: ["Bytes", "JudgedSchemas", "LongbridgeWire", "OpenDWire", "Protobuf"],
            path: "Tests/ProtobufEcho", swiftSettings: settings),
        test("ClocksTests", ["Clocks"]),
        test("BytesTests", ["Bytes", "TestSupport"]),
        test("ProtobufTests", ["Bytes", "JudgedSchemas", "Protobuf", "TestSupport"]),
        test("CryptographyTests", ["Bytes", "Cryptography"]),
        test("CompressionTests", ["Compression"]),
        test("HTTPWireTests", ["Bytes", "Clocks", "HTTPWire", "TestSupport"]),
        test("LimitsTests", ["Bytes", "Clocks", "Limits"]),
        test("OAuthTests", ["Bytes", "Clocks", "Cryptography", "OAuth"]),
        test("BrokerModelTests", ["BrokerModel", "Bytes", "Clocks"]),
        test(
            "LongbridgeWireTests", ["Bytes", "Clocks", "Cryptography", "LongbridgeWire", "Protobuf", "TestSupport"],
            resources: [.copy("Captures")]),
        test(
            "OpenDWireTests", ["Bytes", "Clocks", "Cryptography", "OpenDWire", "Protobuf", "TestSupport"],
            resources: [.copy("Captures")]),
        test("EventLoopsTests", ["Clocks", "EventLoops", "TestSupport"], resources: [.copy("Certificates")]),
        test("HTTPServingTests", ["Bytes", "Clocks", "EventLoops", "HTTPServing", "HTTPWire", "TestSupport"]),
        test(
            "HTTPCallingTests",
            ["Bytes", "Clocks", "Compression", "EventLoops", "HTTPCalling", "HTTPServing", "HTTPWire", "TestSupport"]),
        test(
            "WebSocketsTests",
            ["Bytes", "Clocks", "EventLoops", "HTTPServing", "HTTPWire", "TestSupport", "WebSockets"]),
        test(
            "LongbridgeBrokerTests",
            [
                "BrokerModel", "BrokerSessions", "Bytes", "Clocks", "Cryptography", "EventLoops", "HTTPCalling",
                "HTTPServing", "HTTPWire", "Limits", "LongbridgeBroker", "LongbridgeWire", "OAuth", "Protobuf",
                "Sandbox",
                "Storage", "TestSupport", "WebSockets",
            ]),
        test(
            "OpenDBrokerTests",
            [
                "BrokerModel", "BrokerSessions", "Bytes", "Clocks", "Cryptography", "EventLoops", "Limits",
                "OpenDBroker",
                "OpenDWire", "Protobuf", "Storage", "TestSupport",
            ]),
        test(
            "BridgeTests",
            [
                "AuditLog", "Bridge", "BrokerModel", "BrokerSessions", "Bytes", "Clocks", "Cryptography", "EventLoops",
                "HTTPServing",
                "HTTPWire", "Storage", "TestSupport",
            ]),
        test(
            "brokerbridgeTests",
            [
                "Bridge", "BrokerModel", "Bytes", "Cryptography", "LongbridgeBroker", "OpenDBroker", "OpenDWire",
                "TestSupport",
                "brokerbridge",
            ]),
        test("StorageTests", ["Cryptography", "EventLoops", "Storage", "TestSupport"]),
        test("AuditLogTests", ["AuditLog", "Bytes", "Clocks", "Cryptography", "EventLoops", "TestSupport"]),
        test(
            "SandboxTests",
            [
                "Bytes", "Clocks", "EventLoops", "HTTPCalling", "HTTPWire", "LongbridgeWire", "OpenDWire", "Protobuf",
                "Sandbox",
                "TestSupport",
                "WebSockets",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

if let onlyTests {
    precondition(onlyTests.allSatisfy { name in package.targets.contains { $0.name == name } }, "no such test target")
    package.targets.removeAll { $0.type == .test && !onlyTests.contains($0.name) }
}
