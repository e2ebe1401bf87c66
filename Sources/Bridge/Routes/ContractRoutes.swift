internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The contract in two forms, and the pages that show it. No key is needed.
extension BridgeApplication {
    static func addContractRoutes(to table: inout RouteTable<Route>) {
        func add(_ template: String, _ type: String, isPage: Bool = false, _ text: @escaping @Sendable () -> String) {
            let body = Array(text().utf8)
            let tag = EntityTag.weak(body)
            table.add(
                .get, template,
                Route(isPublic: true) { _, context throws(Problem) in
                    try context.noParameters()
                    return .ready(context.document(body, type, tag, isPage: isPage))
                })
        }
        add("/openapi.yaml", "application/yaml") { OpenAPIDocument.text }
        add("/openapi.json", "application/json") { OpenAPIJSON.text }
        add("/docs", "text/html; charset=utf-8", isPage: true) { ContractPage.html }
        add("/docs/page.css", "text/css; charset=utf-8") { ContractPage.css }
        add("/docs/page.js", "text/javascript; charset=utf-8") { ContractPage.script }
        add("/docs/errors", "text/html; charset=utf-8", isPage: true) { ContractPage.errors }
    }
}

extension RouteContext {
    /// Something that is the same until the program is another.
    fileprivate func document(_ body: [UInt8], _ type: String, _ tag: String, isPage: Bool) -> HTTPResponse {
        var response = json(body, isPrivate: false)
        response.keyName = nil
        response.fields["Content-Type"] = type
        response.fields["ETag"] = tag
        response.fields["Cache-Control"] = "no-cache"
        response.fields["X-Content-Type-Options"] = "nosniff"
        if isPage {
            response.fields["Content-Security-Policy"] = ContractPage.policy
            response.fields["Referrer-Policy"] = "no-referrer"
        }
        if EntityTag.matches(request.head, tag) {
            response.status = 304
            response.body = []
            response.fields["Content-Type"] = nil
        }
        return response
    }
}
