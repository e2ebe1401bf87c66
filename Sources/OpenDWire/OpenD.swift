/// The gateway's messages, one namespace for each of its schemas. The words inside are the vendor's.
public enum OpenD {}
