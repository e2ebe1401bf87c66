// modules: Bytes Protobuf JudgedSchemas
import Bytes
import JudgedSchemas
import Protobuf

// Reading a message must not trap, and what was read must be written so that it is read again: as bytes, which are then
// the same at once, and as JSON, which keeps all but the unknown fields. The first byte of an input chooses the message.

private func check(_ type: (some Message).Type, _ bytes: ArraySlice<UInt8>) {
    guard let message = try? type.decode(bytes) else { return }
    let written = message.encoded()
    guard let again = try? type.decode(written) else { preconditionFailure("what was written cannot be read") }
    precondition(again.encoded() == written, "written otherwise the second time")
    let text = message.jsonText()
    guard let value = try? JSONValue.parse(Array(text.utf8)) else { return }
    guard let known = try? type.init(json: value) else { preconditionFailure("our JSON cannot be read") }
    precondition(known.jsonText() == text, "other JSON the second time")
}

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = bytes.first else { return 0 }
    switch choice % 3 {
    case 0: check(Judged.Classic.Order.self, bytes[1...])
    case 1: check(Judged.Modern.Everything.self, bytes[1...])
    default: check(Judged.Modern.Leaf.self, bytes[1...])
    }
    return 0
}
