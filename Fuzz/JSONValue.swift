// modules: Bytes
import Bytes

// The reader of JSON must not trap, and what it read must mean the same when written and read again.

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue.parse(bytes) else { return 0 }
    var writer = JSONWriter()
    writer.value(value)
    guard let again = try? JSONValue.parse(writer.bytes) else { preconditionFailure("what was written cannot be read") }
    precondition(again == value, "it means something else when written")
    return 0
}
