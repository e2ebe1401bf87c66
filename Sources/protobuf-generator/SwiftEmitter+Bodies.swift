extension SwiftEmitter {
    /// A typed closure over a reader method.
    private func reading(_ value: FieldShape.Value) -> String {
        if value.isMessage {
            return "{ reader, tag throws(ProtobufError) in var value = \(value.swift)(); "
                + "try reader.message(tag, into: &value); return value }"
        }
        return "{ reader, tag throws(ProtobufError) in try reader.\(value.method)(tag) }"
    }

    mutating func emitMerge(_ shapes: [FieldShape], message: String) {
        let required = shapes.filter { $0.occurrence == .required }
        add("/// Reads fields up to the end of the message.")
        open("public mutating func merge(from reader: inout WireReader) throws(ProtobufError) {")
        for shape in required { add("var has\(shape.number) = false") }
        open("while let tag = try reader.nextTag() {")
        if shapes.isEmpty {
            add("try reader.skip(tag, into: &unknownFields)")
        } else {
            add("switch tag.field {")
            for shape in shapes {
                if shape.occurrence == .required {
                    add("case \(shape.number):")
                    indented {
                        $0.add($0.readStatement(shape))
                        $0.add("has\(shape.number) = true")
                    }
                } else {
                    add("case \(shape.number): \(readStatement(shape))")
                }
            }
            add("default: try reader.skip(tag, into: &unknownFields)")
            add("}")
        }
        close()
        for shape in required {
            add("guard has\(shape.number) else { throw .missingRequired(\"\(message).\(shape.schemaName)\") }")
        }
        close()
        add("")
    }

    private func readStatement(_ shape: FieldShape) -> String {
        let value = shape.value
        switch shape.occurrence {
        case .implicit, .optional, .required:
            if value.isMessage { return "try reader.message(tag, into: &self.\(shape.name))" }
            if value.isEnum { return "self.\(shape.name) = try reader.enumeration(tag) as \(value.swift)" }
            return "self.\(shape.name) = try reader.\(value.method)(tag)"
        case .repeated:
            if value.isMessage { return "try reader.message(tag, appendingTo: &self.\(shape.name))" }
            if !value.isPackable { return "self.\(shape.name).append(try reader.\(value.method)(tag))" }
            return "try reader.repeated(tag, as: .\(value.wire), appendingTo: &self.\(shape.name)) \(reading(value))"
        case .map:
            guard let key = shape.key else { return "" }
            return "try reader.mapEntry(tag, into: &self.\(shape.name), defaults: (\(key.initial), \(value.initial)), "
                + "key: \(reading(key)), value: \(reading(value)))"
        }
    }

    mutating func emitWrite(_ shapes: [FieldShape]) {
        add("/// Appends the fields in the order of their numbers, then the unknown ones.")
        open("public func write(to writer: inout WireWriter) {")
        for shape in shapes {
            let call = "writer.\(shape.value.method)(\(shape.number), "
            switch shape.occurrence {
            case .implicit where !shape.value.isMessage:
                add("if \(isPresent(shape)) { \(call)self.\(shape.name)) }")
            case .implicit, .optional:
                add("if let value = self.\(shape.name) { \(call)value) }")
            case .required:
                add("\(call)self.\(shape.name))")
            case .repeated where shape.isPacked:
                add("writer.packed(\(shape.number), self.\(shape.name)) { $0.\(shape.value.method)($1, $2) }")
            case .repeated:
                add("for value in self.\(shape.name) { \(call)value) }")
            case .map:
                let key = shape.key?.method ?? "string"
                add(
                    "writer.map(\(shape.number), self.\(shape.name), key: { $0.\(key)($1, $2) }, "
                        + "value: { $0.\(shape.value.method)($1, $2) })")
            }
        }
        add("writer.unknown(unknownFields)")
        close()
        add("")
    }

    /// Whether a field without presence differs from its default. Bits are compared for floating point, as -0 is a value.
    private func isPresent(_ shape: FieldShape) -> String {
        switch shape.value.swift {
        case "String", "[UInt8]": "!self.\(shape.name).isEmpty"
        case "Bool": "self.\(shape.name)"
        case "Double", "Float": "self.\(shape.name).bitPattern != 0"
        default: shape.value.isEnum ? "self.\(shape.name).rawValue != 0" : "self.\(shape.name) != 0"
        }
    }

    mutating func emitMembers(_ shapes: [FieldShape]) {
        add("/// Appends the members of the JSON form.")
        open("public func writeMembers(to json: inout JSONWriter) {")
        for shape in shapes {
            let key = "json.key(\"\(shape.schemaName)\")"
            switch shape.occurrence {
            case .implicit where !shape.value.isMessage:
                open("if \(isPresent(shape)) {")
                add(key)
                add(write(shape.value, "self.\(shape.name)"))
                close()
            case .implicit, .optional:
                open("if let value = self.\(shape.name) {")
                add(key)
                add(write(shape.value, "value"))
                close()
            case .required:
                add(key)
                add(write(shape.value, "self.\(shape.name)"))
            case .repeated:
                open("if !self.\(shape.name).isEmpty {")
                add(key)
                add("json.beginArray()")
                add("for value in self.\(shape.name) { \(write(shape.value, "value")) }")
                add("json.endArray()")
                close()
            case .map:
                open("if !self.\(shape.name).isEmpty {")
                add(key)
                add("json.beginObject()")
                open("for (name, value) in self.\(shape.name).sorted(by: { $0.key < $1.key }) {")
                add("json.key(dynamic: \(shape.key?.swift == "String" ? "name" : "String(name)"))")
                add(write(shape.value, "value"))
                close()
                add("json.endObject()")
                close()
            }
        }
        close()
        add("")
    }

    private func write(_ value: FieldShape.Value, _ expression: String) -> String {
        switch value.swift {
        case _ where value.isMessage: "\(expression).writeJSON(to: &json)"
        case _ where value.isEnum: "json.protobufEnum(\(expression))"
        case "String": "json.string(\(expression))"
        case "[UInt8]": "json.protobufBytes(\(expression))"
        case "Bool": "json.bool(\(expression))"
        case "Double": "json.protobufDouble(\(expression))"
        case "Float": "json.protobufFloat(\(expression))"
        case "Int64", "UInt64": "json.protobufInteger(\(expression))"
        default: "json.int(\(expression))"
        }
    }

    mutating func emitSet(_ shapes: [FieldShape]) {
        add("/// Takes a member of the JSON form; `false` if no field has that name.")
        open("public mutating func set(_ name: String, _ value: JSONValue) throws(ProtobufError) -> Bool {")
        guard !shapes.isEmpty else {
            add("false")
            return close()
        }
        add("switch name {")
        for shape in shapes {
            add("case \"\(shape.schemaName)\":")
            indented { emitter in
                switch shape.occurrence {
                case .implicit, .optional, .required:
                    emitter.add("self.\(shape.name) = \(emitter.read(shape.value, "value"))")
                case .repeated:
                    emitter.add("for value in try value.protobufArray(name) {")
                    emitter.indented { $0.add("self.\(shape.name).append(\($0.read(shape.value, "value")))") }
                    emitter.add("}")
                case .map:
                    let key = shape.key?.swift ?? "String"
                    emitter.add("for (key, value) in try value.protobufObject(name).members {")
                    emitter.indented {
                        if key == "String" {
                            $0.add("self.\(shape.name)[key] = \($0.read(shape.value, "value"))")
                        } else {
                            $0.add("guard let key = \(key)(key) else { throw .invalidJSON(name) }")
                            $0.add("self.\(shape.name)[key] = \($0.read(shape.value, "value"))")
                        }
                    }
                    emitter.add("}")
                }
            }
        }
        add("default: return false")
        add("}")
        add("return true")
        close()
    }

    private func read(_ value: FieldShape.Value, _ expression: String) -> String {
        switch value.swift {
        case _ where value.isMessage: "try \(value.swift)(json: \(expression))"
        case _ where value.isEnum: "try \(expression).protobufEnum(name) as \(value.swift)"
        case "String": "try \(expression).protobufString(name)"
        case "[UInt8]": "try \(expression).protobufBytes(name)"
        case "Bool": "try \(expression).protobufBool(name)"
        case "Double": "try \(expression).protobufDouble(name)"
        case "Float": "Float(try \(expression).protobufDouble(name))"
        default: "try \(expression).protobufInteger(name) as \(value.swift)"
        }
    }
}
