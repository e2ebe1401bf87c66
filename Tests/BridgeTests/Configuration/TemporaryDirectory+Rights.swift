import Glibc
import TestSupport

extension TemporaryDirectory {
    /// Writes a file with exactly these rights and answers its path.
    @discardableResult func write(_ name: String, _ text: String, mode: mode_t = 0o600) -> String {
        let path = write(name, Array(text.utf8))
        chmod(path, mode)
        return path
    }
}
