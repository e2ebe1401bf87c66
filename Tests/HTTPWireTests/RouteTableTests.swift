import HTTPWire
import Testing

@Suite struct RouteTableTests {
    private static let table: RouteTable<String> = {
        var table = RouteTable<String>()
        table.add(.get, "/", "root")
        table.add(.get, "/v1/quotes", "quotes")
        table.add(.get, "/v1/depth/{symbol}", "depth")
        table.add(.get, "/v1/accounts/{account}", "account")
        table.add(.delete, "/v1/accounts/{account}", "forget")
        table.add(.get, "/v1/accounts/{alias}/orders/{id}", "order")
        table.add(.post, "/v1/accounts/{alias}/orders/cancel-all", "cancel")
        table.add(.get, "/v1/options/quotes", "option quotes")
        table.add(.get, "/v1/options/{underlying}/chain", "chain")
        table.add(.options, "/custom", "custom")
        return table
    }()

    private func find(_ method: HTTPMethod, _ path: String) throws -> String {
        switch RouteTableTests.table.match(method, try #require(RequestTarget(path))) {
        case .found(let handler, _, let template): "\(handler) \(template)"
        case .options(let allow): "options \(allow)"
        case .methodNotAllowed(let allow, let template): "405 \(allow) \(template)"
        case .notFound: "404"
        }
    }

    @Test(arguments: [
        ("/", "root /"), ("/?x=1", "root /"), ("/v1/quotes", "quotes /v1/quotes"),
        ("/v1/quotes?a", "quotes /v1/quotes"),
        ("/v1/%71uotes", "quotes /v1/quotes"), ("/v1/depth/700.HK", "depth /v1/depth/{symbol}"),
        ("/v1/accounts/a/orders/7", "order /v1/accounts/{alias}/orders/{id}"),
        ("/v1/options/quotes", "option quotes /v1/options/quotes"),
        ("/v1/options/AAPL.US/chain", "chain /v1/options/{underlying}/chain"),
        ("/v1/options/quotes/chain", "chain /v1/options/{underlying}/chain"),
        ("/v1", "404"), ("/v1/", "404"), ("/v1/quotes/", "404"), ("/v1/quotes/x", "404"), ("/v1/depth", "404"),
        ("/v1/depth/", "404"), ("/V1/quotes", "404"), ("/v1/depth/a/b", "404"), ("/v1/options/AAPL.US", "404"),
        ("/v1/accounts/a/orders/cancel-all", "405 OPTIONS, POST /v1/accounts/{alias}/orders/cancel-all"),
    ])
    func literalsWinAndParametersTakeOneSegment(path: String, found: String) throws {
        #expect(try find(.get, path) == found)
    }

    @Test func methodsAreAnsweredByTheirRules() throws {
        #expect(try find(.head, "/v1/quotes") == "quotes /v1/quotes")
        #expect(try find(.options, "/v1/quotes") == "options GET, HEAD, OPTIONS")
        #expect(try find(.options, "/v1/accounts/a") == "options DELETE, GET, HEAD, OPTIONS")
        #expect(try find(.options, "/custom") == "custom /custom")
        #expect(try find(.options, "*") == "options DELETE, GET, HEAD, OPTIONS, POST")
        #expect(try find(.options, "/nowhere") == "404")
        #expect(try find(.head, "/v1/accounts/a/orders/cancel-all").hasPrefix("405"))
        for method in ["TRACE", "POST", "get", "FOO"] {
            #expect(try find(try #require(HTTPMethod(method)), "/v1/quotes") == "405 GET, HEAD, OPTIONS /v1/quotes")
        }
    }

    @Test func parametersAreDecodedByTheNamesOfTheirTemplate() throws {
        let target = try #require(RequestTarget("/v1/accounts/my%20desk/orders/broker:7%3B"))
        guard case .found(_, let parameters, _) = RouteTableTests.table.match(.get, target) else {
            Issue.record("not found")
            return
        }
        #expect(parameters["alias"] == "my desk" && parameters["id"] == "broker:7;")
    }

    @Test func theListOfRoutesIsWhatWasAdded() {
        #expect(RouteTableTests.table.routes.count == 10)
        #expect(
            RouteTableTests.table.routes.contains { $0.method == .delete && $0.template == "/v1/accounts/{account}" })
    }

    @Test func theRestOfAPathIsOneParameterAndGivesWayToEverythingElse() throws {
        var table = RouteTable<String>()
        table.add(.get, "/a/{path+}", "rest")
        table.add(.get, "/a/b", "literal")
        table.add(.get, "/a/b/{x}/d", "parameter")
        func match(_ path: String) -> [String] {
            guard let target = RequestTarget(path),
                case .found(let handler, let parameters, _) = table.match(.get, target)
            else { return [] }
            return handler == "rest" ? [handler, parameters["path"]] : [handler]
        }
        #expect(match("/a/b") == ["literal"])
        #expect(match("/a/b/c/d") == ["parameter"])
        #expect(match("/a/b/c/e") == ["rest", "b/c/e"])
        #expect(match("/a/v1/x?y=1") == ["rest", "v1/x"])
        #expect(match("/a") == [])
    }
}
