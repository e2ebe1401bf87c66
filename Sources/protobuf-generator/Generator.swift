internal import Foundation
internal import Protobuf

/// Reads a descriptor set that `protoc --include_source_info --descriptor_set_out` wrote, and writes one Swift file for
/// each schema whose name begins with the prefix given.
///
/// Usage: `protobuf-generator DESCRIPTOR_SET OUTPUT_FOLDER PREFIX`
@main
struct Generator {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { return fail("usage: protobuf-generator DESCRIPTOR_SET OUTPUT_FOLDER PREFIX") }
        do {
            let set = try PartMessage<FileSet>.decode(Data(contentsOf: URL(fileURLWithPath: arguments[1]))).part
            let packages = set.files.map(\.package)
            for file in set.files where file.name.hasPrefix(arguments[3]) {
                var emitter = SwiftEmitter(file, packages: packages)
                let text = try emitter.text()
                let leaf = Naming.namespaces(file.package).joined(separator: "+")
                let target = URL(fileURLWithPath: arguments[2]).appendingPathComponent("\(leaf).swift")
                try text.write(to: target, atomically: true, encoding: .utf8)
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ message: String) {
        FileHandle.standardError.write(Data("protobuf-generator: \(message)\n".utf8))
        exit(1)
    }
}
