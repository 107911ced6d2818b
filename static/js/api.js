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

export async function getJson(path, { signal } = {}) {
  const response = await fetch(path, { signal, headers: { Accept: "application/json" } }).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server does not answer", 0);
  });
  if (!response.ok) throw new Refused(await problemOf(response), response.status);
  return response.json();
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
