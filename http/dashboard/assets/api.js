import { parse } from './json.js';

const place = 'croupier-key';

export const key = {
  get: () => sessionStorage.getItem(place) ?? '',
  set: (value) => sessionStorage.setItem(place, value),
  forget: () => sessionStorage.removeItem(place),
};

/** An answer that is a no; `message` is the server's. */
export class Refused extends Error {
  constructor(status, message, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

function words(status, body) {
  const told = body?.error?.message ?? body?.message;
  const details = (body?.error?.details ?? [])
    .map((each) => `${each.field ?? ''}: ${each.message ?? ''}`)
    .join('; ');
  return (told ?? `The server answered ${status}.`) + (details ? ` (${details})` : '');
}

let whenRefused = () => {};
/** `told` is called whenever the server does not take the key. */
export const onRefusal = (told) => {
  whenRefused = told;
};

async function answered(path, options = {}) {
  const response = await fetch(path, {
    ...options,
    cache: 'no-store',
    credentials: 'omit',
    headers: { 'X-Api-Key': key.get(), ...(options.headers ?? {}) },
  }).catch(() => {
    throw new Refused(0, 'The server cannot be reached.');
  });
  if (response.status === 401) whenRefused();
  return response;
}

/** An answer that is no JSON is told by its status. */
function readable(text) {
  try {
    return text ? parse(text) : null;
  } catch {
    return null;
  }
}

async function json(path, options) {
  const response = await answered(path, options);
  const body = readable(await response.text());
  if (!response.ok) throw new Refused(response.status, words(response.status, body), body);
  return body;
}

/** An answer that is no JSON, unless it is a no. */
async function whole(path) {
  const response = await answered(path);
  if (!response.ok) throw new Refused(response.status, words(response.status, readable(await response.text())));
  return response;
}

const query = (parameters) => {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return given.length ? '?' + new URLSearchParams(given) : '';
};

const sending = (method) => (path, body) =>
  json(path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });

export const api = {
  get: (path, parameters = {}) => json(path + query(parameters)),
  post: sending('POST'),
  patch: sending('PATCH'),
  delete: (path) => json(path, { method: 'DELETE' }),
  text: async (path) => (await whole(path)).text(),
  blob: async (path) => (await whole(path)).blob(),
};

/** Follows a stream of server-sent events from a sequence on. Reconnects until `signal` says stop. */
export async function follow(path, from, signal, take, state = () => {}) {
  let next = from;
  while (!signal.aborted) {
    try {
      const response = await answered(`${path}?from=${next}`, { signal, headers: { Accept: 'text/event-stream' } });
      if (!response.ok) throw new Refused(response.status, 'The stream was refused.');
      state('live');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let held = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        held += value.replaceAll('\r', '');
        const blocks = held.split('\n\n');
        held = blocks.pop();
        for (const block of blocks) {
          const event = {};
          for (const line of block.split('\n')) {
            const colon = line.indexOf(':');
            if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
          }
          if (event.id) next = (BigInt(event.id) + 1n).toString();
          if (event.data) take(event.event ?? 'message', parse(event.data), event.id);
        }
      }
    } catch (problem) {
      if (signal.aborted) return;
      if (problem instanceof Refused && [401, 403, 404].includes(problem.status)) {
        state('refused');
        return;
      }
    }
    state('waiting');
    await new Promise((resolve) => {
      setTimeout(resolve, 2000);
      signal.addEventListener('abort', resolve, { once: true });
    });
  }
}
