// Asking the server. A failure becomes an Error whose message can be shown.

export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function problemOf(response) {
  try {
    const problem = await response.json();
    return problem.detail ?? problem.title ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

async function ask(path, options) {
  const response = await fetch(path, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server does not answer", 0);
  });
  if (!response.ok) throw new Refused(await problemOf(response), response.status);
  return response;
}

const get = (path, { signal } = {}) => ask(path, { signal, headers: { Accept: "application/json" } });

export async function postJson(path, body) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const response = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json();
}

export async function getJson(path, { signal } = {}) {
  const response = await get(path, { signal });
  return response.json();
}

/** The address that a `Link` header gives for the next page, or null. */
export function nextOf(link) {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1] ?? null;
}

/** A page of history: its body, and the path of the `next` one, or null. */
export async function getPage(path, { signal } = {}) {
  const response = await get(path, { signal });
  return { ...(await response.json()), next: nextOf(response.headers.get("link")) };
}

export function historyPath(entry, { start_ms, end_ms, fields = null, rows, ages = false }) {
  const query = new URLSearchParams({
    start: new Date(start_ms).toISOString(),
    end: new Date(end_ms).toISOString(),
    batch_size: String(rows),
  });
  if (fields) query.set("fields", fields.join(","));
  if (ages) query.set("ages", "true");
  return `${entry.path}?${query}`;
}
