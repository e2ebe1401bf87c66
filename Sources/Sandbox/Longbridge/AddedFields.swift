/// What no documentation knows, added to what is answered and pushed, as a broker adds it without a word.
enum AddedFields {
    /// A message with a text in field 1999 at its end.
    static func message(_ body: [UInt8]) -> [UInt8] { body + [0xFA, 0x7C, 3] + Array("new".utf8) }

    /// The same JSON with a member more at the beginning of each object, however deep.
    static func json(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isInText = false
        var isEscaped = false
        for (place, byte) in text.enumerated() {
            result.append(byte)
            if isInText {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInText = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "\"") {
                isInText = true
            } else if byte == UInt8(ascii: "{") {
                let isEmpty = place + 1 < text.count && text[place + 1] == UInt8(ascii: "}")
                result += Array(#""added_without_a_word":{"since":[1,null]}"#.utf8)
                if !isEmpty { result.append(UInt8(ascii: ",")) }
            }
        }
        return result
    }
}
