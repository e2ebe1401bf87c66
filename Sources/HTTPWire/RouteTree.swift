/// The tree of segments under a ``RouteTable``: it leads to a handler's number, whatever the handlers are.
@usableFromInline
struct RouteTree: Sendable {
    /// As ``RouteTable/Match``, with the handler's number.
    @usableFromInline
    enum Match {
        case found(Int, PathParameters, template: String)
        case options(allow: String)
        case methodNotAllowed(allow: String, template: String)
        case notFound
    }

    /// A place in the tree. Indices only, so that walking it counts no references.
    private struct Node: Sendable {
        var firstLiteral: Int?
        var parameter: Int?
        /// What takes the rest of the path, whatever its segments.
        var rest: Int?
        var endpoint: Int?
    }

    /// A literal child: its segment's place in `segments`, and its next sibling.
    private struct Literal: Sendable {
        var segment: Range<Int>
        var node: Int
        var next: Int?
    }

    /// A template and what it allows.
    private struct Endpoint: Sendable {
        let template: String
        let names: [String]
        var handlers: [(method: HTTPMethod, index: Int)]
        var allow: String
    }

    private var nodes = [Node()]
    private var literals: [Literal] = []
    private var segments: [UInt8] = []
    private var endpoints: [Endpoint] = []

    /// Every method and template.
    var routes: [(method: HTTPMethod, template: String)] {
        endpoints.flatMap { endpoint in endpoint.handlers.map { ($0.method, endpoint.template) } }
    }

    // MARK: Adding

    mutating func add(_ method: HTTPMethod, _ template: String, index: Int) {
        precondition(template.hasPrefix("/"), "a template begins with /: \(template)")
        var node = 0
        var names: [String] = []
        let path = template.dropFirst()
        for segment in path.split(separator: "/", omittingEmptySubsequences: false) where !path.isEmpty {
            precondition(!segment.isEmpty, "an empty segment in \(template)")
            if segment.hasPrefix("{"), segment.hasSuffix("+}") {
                precondition(template.hasSuffix(segment) && segment.count > 3, "the rest is not last in \(template)")
                names.append(String(segment.dropFirst().dropLast(2)))
                node = restChild(of: node)
            } else if segment.hasPrefix("{") {
                precondition(segment.hasSuffix("}") && segment.count > 2, "a malformed parameter in \(template)")
                names.append(String(segment.dropFirst().dropLast()))
                node = parameterChild(of: node)
            } else {
                precondition(!segment.contains("{") && !segment.contains("%"), "a malformed segment in \(template)")
                node = literalChild(of: node, Array(segment.utf8))
            }
        }
        precondition(Set(names).count == names.count, "a parameter stands twice in \(template)")
        let endpoint = endpoint(at: node, template: template, names: names)
        let isNew = !endpoints[endpoint].handlers.contains { $0.method == method }
        precondition(isNew, "\(method) \(template) is added twice")
        endpoints[endpoint].handlers.append((method, index))
        endpoints[endpoint].allow = RouteTree.allow(endpoints[endpoint].handlers.map(\.method))
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let child = nodes[node].parameter { return child }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func restChild(of node: Int) -> Int {
        if let child = nodes[node].rest { return child }
        nodes.append(Node())
        nodes[node].rest = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        if let child = segment.withUnsafeBufferPointer({ literal(node, $0) }) { return child }
        nodes.append(Node())
        let start = segments.count
        segments += segment
        literals.append(Literal(segment: start..<segments.count, node: nodes.count - 1))
        // Behind its siblings: what is added first is found first.
        if var last = nodes[node].firstLiteral {
            while let next = literals[last].next { last = next }
            literals[last].next = literals.count - 1
        } else {
            nodes[node].firstLiteral = literals.count - 1
        }
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

    @usableFromInline
    func match(_ method: HTTPMethod, _ target: RequestTarget) -> Match {
        guard !target.isAsterisk else {
            return .options(allow: RouteTree.allow(endpoints.flatMap { $0.handlers.map(\.method) }))
        }
        var values: [Range<Int>] = []
        var text = target.text
        return text.withUTF8 { bytes in
            let path = UnsafeBufferPointer(rebasing: bytes.prefix(target.pathCount))
            let start = path.count > 1 ? 0 : path.count
            guard let index = find(0, path, from: start, isEscaped: target.isPathEscaped, &values) else {
                return .notFound
            }
            guard let handler = handler(at: index, method) else {
                let allow = endpoints[index].allow
                return method == .options
                    ? .options(allow: allow) : .methodNotAllowed(allow: allow, template: endpoints[index].template)
            }
            let decoded = values.map { PercentCoding.decode(path[$0], plusIsSpace: false) }
            let parameters = PathParameters(names: endpoints[index].names, values: decoded)
            return .found(handler, parameters, template: endpoints[index].template)
        }
    }

    private func handler(at index: Int, _ method: HTTPMethod) -> Int? {
        if let found = endpoints[index].handlers.first(where: { $0.method == method }) { return found.index }
        return method == .head ? handler(at: index, .get) : nil
    }

    /// The endpoint of the rest of the path, which is at its end or at a `/`. As deep as the deepest template at most.
    private func find(
        _ node: Int, _ path: UnsafeBufferPointer<UInt8>, from start: Int, isEscaped: Bool, _ values: inout [Range<Int>]
    ) -> Int? {
        guard start < path.count else { return nodes[node].endpoint }
        var end = start + 1
        while end < path.count, path[end] != ASCII.slash { end += 1 }
        let segment = start + 1..<end
        if let child = literal(node, path, segment, isEscaped: isEscaped),
            let found = find(child, path, from: end, isEscaped: isEscaped, &values)
        {
            return found
        }
        if let child = nodes[node].parameter, !segment.isEmpty {
            values.append(segment)
            if let found = find(child, path, from: end, isEscaped: isEscaped, &values) { return found }
            values.removeLast()
        }
        guard let child = nodes[node].rest, !segment.isEmpty else { return nil }
        values.append(start + 1..<path.count)
        return nodes[child].endpoint
    }

    private func literal(
        _ node: Int, _ path: UnsafeBufferPointer<UInt8>, _ segment: Range<Int>, isEscaped: Bool
    ) -> Int? {
        guard isEscaped else { return literal(node, UnsafeBufferPointer(rebasing: path[segment])) }
        var decoded = PercentCoding.decode(path[segment], plusIsSpace: false)
        return decoded.withUTF8 { literal(node, $0) }
    }

    private func literal(_ node: Int, _ segment: UnsafeBufferPointer<UInt8>) -> Int? {
        var next = nodes[node].firstLiteral
        while let index = next {
            let candidate = literals[index]
            if candidate.segment.count == segment.count, isSame(candidate.segment, segment) { return candidate.node }
            next = candidate.next
        }
        return nil
    }

    private func isSame(_ range: Range<Int>, _ segment: UnsafeBufferPointer<UInt8>) -> Bool {
        for offset in 0..<range.count where segments[range.lowerBound + offset] != segment[offset] { return false }
        return true
    }

    /// The methods as `Allow` lists them, with those that come by themselves.
    private static func allow(_ methods: [HTTPMethod]) -> String {
        var names = Set(methods.map(\.text))
        names.insert("OPTIONS")
        if names.contains("GET") { names.insert("HEAD") }
        return names.sorted().joined(separator: ", ")
    }
}
