/// The schemas the runtime is judged by.
public enum Judged {}
