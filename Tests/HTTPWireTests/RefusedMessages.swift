import HTTPWire

/// Messages that must be refused, with the status. The first group is what has been used to make two servers see two
/// different requests in the same bytes.
struct RefusedMessages {
    let text: String
    let status: Int
    var limits = HTTPLimits()

    static let all = smuggling + malformed + unknown

    private static func post(_ fields: String..., body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n\(body)"
    }

    private static func of(_ status: Int, _ texts: [String]) -> [RefusedMessages] {
        texts.map { RefusedMessages(text: $0, status: status) }
    }

    static let smuggling =
        of(
            400,
            [
                post("Content-Length: 5", "Content-Length: 5", body: "hello"),
                post("Content-Length: 5", "Content-Length: 6", body: "hello"),
                post("Content-Length: 5, 5", body: "hello"), post("Content-Length: +5", body: "hello"),
                post("Content-Length: -5"), post("Content-Length: 5 5"), post("Content-Length: 0x5"),
                post("Content-Length:"),
                post("Content-Length: 5a"), post("Content-Length: \u{665}"), post("Content-Length: 1e1"),
                post("Content-Length: 5."),
                post("Content-Length : 5", body: "hello"), post("Content-Length\t: 5"), post(" Content-Length: 5"),
                post("Content-Length: 5", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
                post("Transfer-Encoding: chunked", "Content-Length: 5", body: "0\r\n\r\n"),
                post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: "0\r\n\r\n"),
                post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body: "0\r\n\r\n"),
                post("Transfer-Encoding: chunked, chunked", body: "0\r\n\r\n"),
                post("Transfer-Encoding: chunked, identity", body: "0\r\n\r\n"), post("Transfer-Encoding: ,chunked"),
                post("Transfer-Encoding:"), post("Transfer-Encoding : chunked"),
                post("Transfer-Encoding\u{0b}: chunked"),
                post("Transfer-Encoding: \u{0b}chunked"), post("Transfer-Encoding: chunked\r"),
                post("Transfer-Encoding: chunked\0"),
                post("X: y\nTransfer-Encoding: chunked"), post("X: y\rTransfer-Encoding: chunked"),
                post("X: y\r\n Transfer-Encoding: chunked"), post("X: y\r\n\tz"), post("\u{feff}Content-Length: 5"),
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost:\r\n\r\n",
                "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "GET / HTTP/1.1\r\nHost: [a]\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: []\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", "GET / HTTP/1.1\r\nHost: \u{e9}\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: %61\r\n\r\n",
                "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n\n", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            ]) + chunks

    private static let chunks = of(
        400,
        [
            "5\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "g\r\n", ";x\r\n",
            "5_\r\n", "5 ;x\r\n",
            "5;x\ny\r\nhello\r\n", "5;\0\r\n", "5\r\nhelloX0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\rX",
            "5\r\nhello\0",
            "5\r\nhello\r\n0\r\nX: y\n\r\n", "0\r\n x: y\r\n\r\n", "0\r\nX y\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n",
            "0\r\nTRANSFER-ENCODING: chunked\r\n\r\n", "0\r\nhost: b\r\n\r\n", "0\r\nx : y\r\n\r\n",
            "00000000000000000\r\n",
            "5;\(String(repeating: "x", count: 300))\r\n",
        ].map { post("Transfer-Encoding: chunked", body: $0) })

    static let malformed =
        of(
            400,
            [
                "GET\r\n", "GET /\r\n", "GET  / HTTP/1.1\r\n", "GET /  HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n",
                "GET\t/\tHTTP/1.1\r\n",
                " GET / HTTP/1.1\r\n", "GET / http/1.1\r\n", "GET / HTTP/1\r\n", "GET / HTTP/1.1.1\r\n",
                "GET / HTTP/11\r\n",
                "GET / HTTP/+1.1\r\n", "GET / HTTPS/1.1\r\n", "G@T / HTTP/1.1\r\n", "/ HTTP/1.1\r\n",
                "GET x HTTP/1.1\r\n",
                "GET ? HTTP/1.1\r\n", "GET * HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n", "GET /\u{e9} HTTP/1.1\r\n",
                "GET /a#b HTTP/1.1\r\n",
                "GET /\"a\" HTTP/1.1\r\n", "GET /<a> HTTP/1.1\r\n", "GET /a\\b HTTP/1.1\r\n", "GET /a?b[] HTTP/1.1\r\n",
                "GET /\u{7f} HTTP/1.1\r\n",
                "GET //a HTTP/1.1\r\n", "GET /a//b HTTP/1.1\r\n", "GET /. HTTP/1.1\r\n", "GET /.. HTTP/1.1\r\n",
                "GET /a/../b HTTP/1.1\r\n",
                "GET /a/./b HTTP/1.1\r\n", "GET /a/..?x HTTP/1.1\r\n", "GET /%2e%2e/a HTTP/1.1\r\n",
                "GET /a/%2E HTTP/1.1\r\n", "GET /a/.%2e/b HTTP/1.1\r\n",
                "GET /a%2fb HTTP/1.1\r\n", "GET /a%2Fb HTTP/1.1\r\n", "GET /a%5cb HTTP/1.1\r\n",
                "GET /a%00 HTTP/1.1\r\n", "GET /a%0d%0a HTTP/1.1\r\n",
                "GET /a%7f HTTP/1.1\r\n", "GET /a% HTTP/1.1\r\n", "GET /a%4 HTTP/1.1\r\n", "GET /a%zz HTTP/1.1\r\n",
                "GET /a%c3 HTTP/1.1\r\n",
                "GET /a;x=1 HTTP/1.1\r\n", "GET /a?b=%00 HTTP/1.1\r\n", "GET /a?%0a HTTP/1.1\r\n",
                "GET /a?b=%ff HTTP/1.1\r\n", "GET /a?b=% HTTP/1.1\r\n",
                "GET ftp://a/ HTTP/1.1\r\n", "GET http:///x HTTP/1.1\r\n", "GET http://u@a/ HTTP/1.1\r\n",
                "GET http://a?x HTTP/1.1\r\n",
                "GET http://a//x HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n", "\u{16}\u{03}\u{01}", "SSH-2.0-OpenSSH_9\r\n",
                "\0", "\u{1b}[0m",
            ])
        + of(
            400,
            [
                "X", "X y: z", ": y", "X\u{e9}: y", "X(: y", "X: \0", "X: \u{1}", "X: \u{7f}", "X: a\u{8}b",
            ].map { "GET / HTTP/1.1\r\nHost: a\r\n\($0)\r\n\r\n" })

    static let unknown =
        of(
            501,
            [
                post("Transfer-Encoding: gzip"), post("Transfer-Encoding: gzip, chunked"),
                post("Transfer-Encoding: identity"),
                post("Transfer-Encoding: xchunked"), post("Transfer-Encoding: chunked;q=1"),
                post("Transfer-Encoding: \"chunked\""),
                "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
                "\(String(repeating: "A", count: 33)) / HTTP/1.1\r\nHost: a\r\n\r\n",
            ])
        + of(
            505,
            [
                "GET / HTTP/2.0\r\n", "GET / HTTP/0.9\r\n", "GET / HTTP/1.2\r\n", "GET / HTTP/3.0\r\n",
            ])
        + of(417, [post("Expect: 200-ok", "Content-Length: 1"), post("Expect:"), post("Expect: 100-continue, x")])
        + of(
            413,
            [
                post("Content-Length: 1048577"), post("Content-Length: 9223372036854775807"),
                post("Content-Length: 9223372036854775808"),
                post("Content-Length: \(String(repeating: "9", count: 400))"),
                post("Transfer-Encoding: chunked", body: "100001\r\n"),
                post("Transfer-Encoding: chunked", body: "7fffffffffffffff\r\n"),
                post("Transfer-Encoding: chunked", body: "ffffffffffffffff\r\n"),
                post("Transfer-Encoding: chunked", body: "1\r\nx\r\n100000\r\n"),
            ])
}
