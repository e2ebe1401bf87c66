// modules: Clocks Bytes Cryptography HTTPWire BrokerModel
// files: Sources/Bridge/Configuration/*.swift Sources/Bridge/Keys/A*.swift Sources/Bridge/Keys/Endpoint*.swift
// files: Sources/Bridge/Keys/KeyHash.swift Sources/Bridge/Keys/Scope.swift Sources/Bridge/Logging/LogLevel.swift
// files: Sources/Bridge/Risk/RiskRules.swift Sources/Bridge/Generated/OpenAPIJSON.swift

// A configuration must not trap, whatever is in it, and be reported whole: what was refused says why, at a place that is
// in the text.

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // Line ends as YAML 1.1 has them, by their last octets; libyaml counts the end of the text as one.
    let lines = bytes.count { [0x0A, 0x0D, 0x85, 0xA8, 0xA9].contains($0) } + 2
    for demand in [Configuration.Demand.service, .sandbox] {
        do throws(ConfigurationError) {
            _ = try Configuration.read(bytes, file: "f", sharedRights: nil, environment: [:], demand: demand)
        } catch {
            precondition(!error.problems.isEmpty, "refused without a reason")
            for problem in error.problems {
                precondition(!problem.message.isEmpty, "a problem without words")
                guard let location = problem.location else { continue }
                precondition((1...lines).contains(location.line) && location.column >= 1, "a place outside the text")
            }
        }
    }
    return 0
}
