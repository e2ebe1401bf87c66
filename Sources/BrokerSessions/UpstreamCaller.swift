/// For whom a broker is asked.
public enum UpstreamCaller {
    /// The name of the key whose request the running task answers; empty where nobody waits for it. Who was told to come
    /// back is known again by this.
    @TaskLocal public static var name = ""
}
