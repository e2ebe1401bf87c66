/// Finds what answers a path, by templates such as `/v1/depth/{symbol}`.
///
/// A literal segment wins over a parameter at the same place; a parameter takes one whole segment that is not empty, and
/// `{name+}` at the end takes all that is left.
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

    @usableFromInline var tree = RouteTree()
    @usableFromInline var handlers: [Handler] = []

    /// A table that finds nothing.
    public init() {}

    /// Every method and template, grouped by template in the order first added; for the documents' tests.
    public var routes: [(method: HTTPMethod, template: String)] { tree.routes }

    /// Adds a handler for a method and a template.
    public mutating func add(_ method: HTTPMethod, _ template: String, _ handler: Handler) {
        tree.add(method, template, index: handlers.count)
        handlers.append(handler)
    }

    /// What answers `method` on `target`. OPTIONS of `*` is answered for all routes together.
    @inlinable
    public func match(_ method: HTTPMethod, _ target: RequestTarget) -> Match {
        switch tree.match(method, target) {
        case .found(let index, let parameters, let template): .found(handlers[index], parameters, template: template)
        case .options(let allow): .options(allow: allow)
        case .methodNotAllowed(let allow, let template): .methodNotAllowed(allow: allow, template: template)
        case .notFound: .notFound
        }
    }
}

extension RouteTable: Sendable where Handler: Sendable {}

/// What a path held where its template has parameters, decoded and never empty.
public struct PathParameters: Sendable, Equatable {
    private let names: [String]
    private let values: [String]

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// All of them, in the order of the path.
    public var all: [(name: String, value: String)] { Array(zip(names, values)).map { (name: $0.0, value: $0.1) } }

    /// The value of a parameter. Asking for one the template does not have is a programming error and traps.
    public subscript(name: String) -> String {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("no parameter \(name) in the template")
        }
        return values[index]
    }
}
