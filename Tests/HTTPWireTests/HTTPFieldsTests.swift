import HTTPWire
import Testing

@Suite struct HTTPFieldsTests {
    @Test func namesAreComparedWithoutRegardToCase() {
        var fields: HTTPFields = ["Content-Type": "a", "X": "1", "x": "2"]
        #expect(fields["content-TYPE"] == "a" && fields.values(of: "X") == ["1", "2"] && fields.count(of: "x") == 2)
        fields["X"] = "3"
        #expect(fields.map(\.value) == ["a", "3"] && fields.map(\.name) == ["Content-Type", "X"])
        fields["X"] = nil
        #expect(fields.count == 1 && !fields.contains("x") && fields["x"] == nil)
        #expect(fields == ["CONTENT-type": "a"] && fields != ["Content-Type": "A"])
    }

    @Test func lettersOnlyDifferByCase() {
        #expect(HTTPFieldName("^") != HTTPFieldName("~") && HTTPFieldName("A") == HTTPFieldName("a"))
        #expect(Set<HTTPFieldName>(["ETag", "etag"]).count == 1)
        for bad in ["", " ", "a b", "a:", "é", "a\r", "(", "a\0"] { #expect(HTTPFieldName(bad) == nil) }
    }

    @Test func noValueCanEndALine() {
        var fields = HTTPFields()
        fields.append("A", " x\r\nEvil: 1\r\n\r\n\0\u{7f}y\t")
        #expect(fields["A"] == "x  Evil: 1      y")
        var output: [UInt8] = []
        HTTPResponseEncoder.appendHead(
            to: &output, status: 200, fields: fields, framing: .none, persistence: .kept, date: [], requestID: nil)
        #expect(output.filter { $0 == 0x0A }.count == 4)
    }

    @Test func listsAreTakenApart() {
        let fields: HTTPFields = ["Connection": " a ,, B\t", "connection": "c"]
        #expect(fields.elements(of: "Connection") == ["a", "B", "c"])
        #expect(fields.contains("Connection", token: "b") && !fields.contains("Connection", token: "d"))
    }

    @Test func descriptionsHoldNoValues() {
        let fields: HTTPFields = ["Authorization": "Bearer secret", "X": "y"]
        #expect("\(fields)" == "Authorization, X")
    }
}
