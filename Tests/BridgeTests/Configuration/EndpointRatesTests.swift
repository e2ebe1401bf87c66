import HTTPWire
import Testing

@testable import Bridge

@Suite struct EndpointRatesTests {
    @Test func endpointsHaveRatesForAllKeysAndForOne() throws {
        let read = try accepted(
            """
            limits:
              endpoints:
                GET /v1/quotes: 5/s
                "POST /v1/accounts/{account}/orders": 60/m
            keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: all, endpoints: {GET /v1/quotes: 7/h}}]
            """)
        let quotes = try #require(Endpoint("GET /v1/quotes"))
        let orders = try #require(Endpoint("POST /v1/accounts/{account}/orders"))
        #expect(read.limits.endpoints == [quotes: RequestRate(5, per: 1), orders: RequestRate(60, per: 60)])
        #expect(read.keys.first?.endpoints == [quotes: RequestRate(7, per: 3600)])
    }

    @Test func mistakesAreReportedWithTheirPlace() {
        #expect(
            problems(
                "limits:\n  endpoints:\n    GET /v1/quote: 5/s\n    GET /v1/depth/{symbol}: often\n    GET /healthz: 1/s\n"
            ) == [
                "f.yaml:3:5: limits.endpoints.GET /v1/quote: there is no endpoint 'GET /v1/quote'; did you mean GET /v1/quotes?",
                "f.yaml:4:29: limits.endpoints.GET /v1/depth/{symbol}: 'often' is not a rate such as 100/s, 6000/m or 5000/h",
                "f.yaml:5:5: limits.endpoints.GET /healthz: there is no endpoint 'GET /healthz'",
            ])
        #expect(problems("limits: {endpoints: 5/s}").count == 1)
        #expect(
            problems(
                "keys: [{name: a, hash: '\(hash)', scopes: [trade], accounts: all, endpoints: {get /v1/quotes: 1/s}}]"
            )
            .count == 1)
    }

    @Test func everyEndpointIsMatchedByItsRouteAndHeadByThatOfGet() throws {
        for (method, template) in [("GET", "/v1/quotes"), ("DELETE", "/v1/accounts/{account}/orders/{id}")] {
            #expect(Endpoint("\(method) \(template)")?.matches(try #require(HTTPMethod(method)), template) == true)
        }
        let quotes = try #require(Endpoint("GET /v1/quotes"))
        #expect(quotes.matches(.head, "/v1/quotes"))
        #expect(!quotes.matches(.post, "/v1/quotes") && !quotes.matches(.get, "/v1/quotes/x"))
        let raw = try #require(Endpoint("GET /v1/accounts/{account}/longbridge/{path}"))
        #expect(raw.matches(.get, "/v1/accounts/{account}/longbridge/{path+}"))
        #expect(raw.policyName == "GET:/v1/accounts/:account/longbridge/:path")
    }
}
