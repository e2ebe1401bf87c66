/// Finds what answers a path, by templates such as `/v1/depth/{symbol}`.
///
/// A literal segment wins over a parameter at the same place; a parameter takes one whole segment that is not empty.
/// GET answers HEAD as well. Adding is for start-up: a malformed or repeated template is a programming error and traps.
public struct RouteTable<Handler> {
    /// What a method and a path lead to.
    public enum Match {
        /// The handler, the path's parameters decoded, and the template for logs.
        case found(Handler, PathParameters, template: String)
        /// OPTIONS of something that exists, without a handler of its own; `allow` is the field's value.
        case options(allow: String)
        /// The path exists, the method does not; `allow` is the field's value.
        case methodNotAllowed(allow: String, template: String)
        /// No template fits.
        case notFound
    }

    fileprivate struct Endpoint {
        let template: String
        let names: [String]
        var handlers: [(method: HTTPMethod, handler: Handler)]
        var allow: String
    }

    fileprivate struct Node {
        var literals: [(segment: [UInt8], node: Int)] = []
        var parameter: Int?
        var endpoint: Int?
    }

    private var nodes = [Node()]
    private var endpoints: [Endpoint] = []

    /// A table that finds nothing.
    public init() {}

    /// Every method and template, in the order first added; for the documents' tests.
    public var routes: [(method: HTTPMethod, template: String)] {
        endpoints.flatMap { endpoint in endpoint.handlers.map { ($0.method, endpoint.template) } }
    }

    /// Adds a handler for a method and a template.
    public mutating func add(_ method: HTTPMethod, _ template: String, _ handler: Handler) {
        precondition(template.hasPrefix("/"), "a template begins with /: \(template)")
        var node = 0
        var names: [String] = []
        let path = template.dropFirst()
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) where !path.isEmpty {
            precondition(!segment.isEmpty, "an empty segment in \(template)")
            if segment.hasPrefix("{") {
                precondition(segment.hasSuffix("}") && segment.count > 2, "a malformed parameter in \(template)")
                names.append(String(segment.dropFirst().dropLast()))
                node = parameterChild(of: node)
            } else {
                precondition(!segment.contains("{") && !segment.contains("%"), "a malformed segment in \(template)")
                node = literalChild(of: node, Array(segment.utf8))
            }
        }
        precondition(Set(names).count == names.count, "a parameter stands twice in \(template)")
        add(method, handler, to: endpoint(at: node, template: template, names: names))
    }

    private mutating func add(_ method: HTTPMethod, _ handler: Handler, to index: Int) {
        precondition(
            !endpoints[index].handlers.contains { $0.method == method }, "\(method) \(endpoints[index].template) twice")
        endpoints[index].handlers.append((method, handler))
        var methods = Set(endpoints[index].handlers.map(\.method.text))
        methods.insert("OPTIONS")
        if methods.contains("GET") { methods.insert("HEAD") }
        endpoints[index].allow = methods.sorted().joined(separator: ", ")
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        if let child = nodes[node].literals.first(where: { $0.segment == segment }) { return child.node }
        nodes.append(Node())
        nodes[node].literals.append((segment, nodes.count - 1))
        return nodes.count - 1
    }

    private mutating func endpoint(at node: Int, template: String, names: [String]) -> Int {
        if let index = nodes[node].endpoint {
            precondition(endpoints[index].template == template, "\(template) hides \(endpoints[index].template)")
            return index
        }
        endpoints.append(Endpoint(template: template, names: names, handlers: [], allow: ""))
        nodes[node].endpoint = endpoints.count - 1
        return endpoints.count - 1
    }

    // MARK: Finding

    /// What answers `method` on `target`.
    public func match(_ method: HTTPMethod, _ target: RequestTarget) -> Match {
        guard !target.isAsterisk else { return .options(allow: allMethods) }
        var values: [Range<Int>] = []
        var text = target.text
        return text.withUTF8 { bytes in
            let path = UnsafeBufferPointer(rebasing: bytes.prefix(target.pathCount))
            let found = find(0, path, from: path.count > 1 ? 0 : path.count, isEscaped: target.isPathEscaped, &values)
            guard let found else { return .notFound }
            let endpoint = endpoints[found]
            let decoded = values.map { PercentCoding.decode(path[$0], plusIsSpace: false) }
            let parameters = PathParameters(names: endpoint.names, values: decoded)
            if let handler = endpoint.handlers.first(where: { $0.method == method })?.handler {
                return .found(handler, parameters, template: endpoint.template)
            }
            if method == .head, let handler = endpoint.handlers.first(where: { $0.method == .get })?.handler {
                return .found(handler, parameters, template: endpoint.template)
            }
            if method == .options { return .options(allow: endpoint.allow) }
            return .methodNotAllowed(allow: endpoint.allow, template: endpoint.template)
        }
    }

    /// The endpoint of the rest of the path, which is at its end or at a `/`. As deep as the deepest template at most.
    private func find(
        _ node: Int, _ path: UnsafeBufferPointer<UInt8>, from start: Int, isEscaped: Bool, _ values: inout [Range<Int>]
    ) -> Int? {
        guard start < path.count else { return nodes[node].endpoint }
        var end = start + 1
        while end < path.count, path[end] != ASCII.slash { end += 1 }
        let segment = start + 1..<end
        if let child = literal(nodes[node], path, segment, isEscaped: isEscaped),
            let found = find(child, path, from: end, isEscaped: isEscaped, &values)
        {
            return found
        }
        guard let child = nodes[node].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let found = find(child, path, from: end, isEscaped: isEscaped, &values) { return found }
        values.removeLast()
        return nil
    }

    private func literal(
        _ node: Node, _ path: UnsafeBufferPointer<UInt8>, _ segment: Range<Int>, isEscaped: Bool
    ) -> Int? {
        if isEscaped {
            let decoded = Array(PercentCoding.decode(path[segment], plusIsSpace: false).utf8)
            return node.literals.first { $0.segment == decoded }?.node
        }
        return node.literals.first { $0.segment.count == segment.count && $0.segment.elementsEqual(path[segment]) }?
            .node
    }

    private var allMethods: String {
        var methods = Set(endpoints.flatMap { $0.handlers.map(\.method.text) })
        methods.insert("OPTIONS")
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.sorted().joined(separator: ", ")
    }
}

extension RouteTable: Sendable where Handler: Sendable {}
extension RouteTable.Node: Sendable {}
extension RouteTable.Endpoint: Sendable where Handler: Sendable {}

/// What a path held where its template has parameters, decoded and never empty.
public struct PathParameters: Sendable, Equatable {
    private let names: [String]
    private let values: [String]

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// The value of a parameter. Asking for one the template does not have is a programming error and traps.
    public subscript(name: String) -> String {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("no parameter \(name) in the template")
        }
        return values[index]
    }
}
