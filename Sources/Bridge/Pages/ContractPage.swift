/// The page that shows the contract: what it needs is served from here, and it works without any other host.
enum ContractPage {
    /// Scripts, styles and calls from this server only; nothing inline, nothing framed.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'"

    static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>BrokerBridge API</title>
        <link rel="stylesheet" href="/docs/page.css">
        <script src="/docs/page.js" defer></script>
        </head>
        <body>
        <header><h1>BrokerBridge API</h1>
        <p><a href="/openapi.yaml">openapi.yaml</a> <a href="/openapi.json">openapi.json</a>
        <a href="/docs/errors">problem codes</a></p>
        <input id="filter" type="search" placeholder="Filter, such as candles" aria-label="Filter"></header>
        <main id="contract"><p>Loading …</p><noscript>The contract itself is at
        <a href="/openapi.yaml">openapi.yaml</a>.</noscript></main>
        </body>
        </html>

        """

    static let css = """
        :root { color-scheme: light dark; --line: #8886; --soft: #8882; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; }
        h1 { margin: 0; } h2 { margin-top: 2rem; text-transform: capitalize; }
        header a { margin-right: 1rem; }
        #filter { width: 100%; padding: .5rem; font: inherit; box-sizing: border-box; }
        details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: 0 .8rem; }
        summary { cursor: pointer; padding: .5rem 0; }
        summary code { font-weight: 600; }
        .method { display: inline-block; min-width: 4rem; font: 600 12px/1 ui-monospace, monospace; }
        table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
        td, th { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-top: 1px solid var(--soft); }
        pre { background: var(--soft); padding: .6rem; border-radius: 6px; overflow: auto; }
        code, pre { font: 13px/1.45 ui-monospace, monospace; }
        .quiet { opacity: .7; }
        :target { background: #fd04; }

        """

    /// Builds the page with text nodes only: nothing of the contract is ever read as markup.
    static let script = #"""
        "use strict";
        const make = (name, attributes, ...children) => {
          const node = document.createElement(name);
          for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
          node.append(...children.filter((child) => child !== null && child !== undefined));
          return node;
        };
        let contract;
        const follow = (value) => {
          for (let hops = 0; value && value.$ref && hops < 8; hops += 1) {
            value = value.$ref.slice(2).split("/").reduce((part, key) => part && part[key], contract);
          }
          return value || {};
        };
        const kind = (schema) => {
          const name = schema.$ref && schema.$ref.split("/").pop();
          const found = follow(schema);
          if (found.enum) return found.enum.map((one) => (one === null ? "null" : one)).join(" | ");
          if (found.const !== undefined) return String(found.const);
          if (name === "Decimal") return "decimal string | null";
          if (name === "Time") return "time | null";
          const types = [].concat(found.type || (found.allOf || found.properties ? "object" : "any"));
          return types.map((type) => (type === "array" && found.items ? kind(found.items) + "[]" : type)).join(" | ")
            + (found.format ? " (" + found.format + ")" : "");
        };
        const members = (schema) => {
          const found = follow(schema);
          const parts = (found.allOf || []).map(members);
          return Object.assign({}, ...parts, found.properties || {});
        };
        const shape = (schema, depth) => {
          const rows = Object.entries(members(schema));
          if (!rows.length) return null;
          const body = make("tbody");
          for (const [name, value] of rows) {
            body.append(make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, kind(value)),
              make("td", {}, follow(value).description || "")));
            const found = follow(value);
            const inner = depth < 3 ? shape(found.items || found, depth + 1) : null;
            if (inner && (found.items || found.properties || found.allOf)) {
              body.append(make("tr", {}, make("td"), make("td", { colspan: "2" }, inner)));
            }
          }
          return make("table", {}, body);
        };
        const jsonOf = (holder) => {
          const content = follow(holder).content || {};
          const type = Object.keys(content).find((name) => name.includes("json"));
          return type ? content[type].schema : null;
        };
        const example = (method, path, parameters) => {
          let target = path;
          const query = [];
          for (const parameter of parameters.map(follow)) {
            const value = parameter.example ?? follow(parameter.schema || {}).example ?? "";
            if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", value || parameter.name.toUpperCase());
            else if (parameter.in === "query" && parameter.required) query.push(parameter.name + "=" + value);
          }
          const url = location.origin + target + (query.length ? "?" + query.join("&") : "");
          const verb = method === "get" ? "" : "-X " + method.toUpperCase() + " ";
          return "curl " + verb + "-H \"Authorization: Bearer $KEY\" '" + url + "'";
        };
        const operation = (path, method, shared, one) => {
          const parameters = (shared || []).concat(one.parameters || []);
          const box = make("details", { id: one.operationId },
            make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("code", {}, path), " ",
              make("span", { class: "quiet" }, one.summary || "")));
          if (one.description) box.append(make("p", {}, one.description));
          if (parameters.length) {
            const rows = parameters.map(follow).map((parameter) => make("tr", {},
              make("td", {}, make("code", {}, parameter.name), parameter.required ? " *" : ""),
              make("td", { class: "quiet" }, parameter.in), make("td", {}, kind(parameter.schema || {})),
              make("td", {}, parameter.description || "")));
            box.append(make("table", {}, make("tbody", {}, ...rows)));
          }
          const body = one.requestBody && jsonOf(one.requestBody);
          if (body) box.append(make("h4", {}, "Body"), shape(body, 0) || kind(body));
          for (const [status, response] of Object.entries(one.responses || {})) {
            if (status === "default") continue;
            box.append(make("h4", {}, status + " " + (follow(response).description || "")));
            const answer = jsonOf(response);
            const table = answer && shape(answer, 0);
            if (table) box.append(table);
          }
          box.append(make("pre", {}, example(method, path, parameters)));
          return box;
        };
        const show = () => {
          const groups = new Map((contract.tags || []).map((tag) => [tag.name, []]));
          for (const [path, item] of Object.entries(contract.paths)) {
            for (const method of ["get", "post", "put", "patch", "delete"]) {
              if (!item[method]) continue;
              const tag = (item[method].tags || ["other"])[0];
              if (!groups.has(tag)) groups.set(tag, []);
              groups.get(tag).push(operation(path, method, item.parameters, item[method]));
            }
          }
          const main = document.getElementById("contract");
          main.replaceChildren();
          for (const [tag, boxes] of groups) if (boxes.length) main.append(make("section", {}, make("h2", {}, tag), ...boxes));
          const chosen = location.hash && document.getElementById(location.hash.slice(1));
          if (chosen) { chosen.open = true; chosen.scrollIntoView(); }
        };
        document.getElementById("filter").addEventListener("input", (event) => {
          const wanted = event.target.value.toLowerCase();
          for (const box of document.querySelectorAll("details")) {
            box.hidden = !box.querySelector("summary").textContent.toLowerCase().includes(wanted);
          }
        });
        fetch("/openapi.json").then((answer) => answer.json()).then((document) => { contract = document; show(); })
          .catch((error) => { document.getElementById("contract").textContent = "The contract could not be read: " + error; });

        """#

    /// Every problem code, with an anchor that a problem's `type` points to.
    static var errors: String {
        var rows = ""
        for (code, meaning) in ProblemCatalogue.entries {
            rows += "<tr id=\"\(code)\"><td><code>\(code)</code></td><td>\(escaped(meaning))</td></tr>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>BrokerBridge problem codes</title>
            <link rel="stylesheet" href="/docs/page.css">
            </head>
            <body>
            <header><h1>Problem codes</h1><p><a href="/docs">API</a></p></header>
            <p>Every error is <code>application/problem+json</code> (RFC 9457). Branch on <code>code</code>, which is
            stable; show <code>detail</code> to people; give <code>request_id</code> to whoever runs the bridge.</p>
            <table><tbody>
            \(rows)</tbody></table>
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
        return result
    }
}
