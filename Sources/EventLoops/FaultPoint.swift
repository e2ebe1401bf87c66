internal import CShims
internal import Glibc

/// A place at which tests end the process as `kill -9` does, to see what the next start makes of it. In a release build there
/// is none.
public enum FaultPoint {
    #if DEBUG
        private static let wanted = getenv("BROKERBRIDGE_KILL_AT").map { String(cString: $0) }

        /// Ends the process if this is the place that `BROKERBRIDGE_KILL_AT` names.
        public static func reach(_ name: String) {
            if wanted == name { kill(getpid(), SIGKILL) }
        }
    #else
        /// Nothing, in a release build.
        @inlinable
        public static func reach(_ name: StaticString) {}
    #endif
}
