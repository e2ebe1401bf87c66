internal import CShims

/// Which build of the program this is.
public enum BuildInformation {
    /// Semantic version; CHANGELOG.md says what it means.
    public static let version = "0.1.0"
    /// The commit it was built from, as BROKERBRIDGE_COMMIT named it to the build; `nil` if nobody did.
    public static var commit: String? { text(bb_build_commit()) }
    /// When it was built, RFC 3339, as BROKERBRIDGE_BUILD_TIME named it to the build; `nil` if nobody did.
    public static var time: String? { text(bb_build_time()) }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer else { return nil }
        let text = String(cString: pointer)
        return text.isEmpty ? nil : text
    }
}
