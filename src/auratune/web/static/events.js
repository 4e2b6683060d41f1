// Live progress: one stream for the whole page, and plain asking where a stream does not get through.

const ASK_EVERY = 2000;
const GIVE_UP_AFTER = 3;

/** Calls `onEvent` with each event; while there is no stream, calls `onAsk` every two seconds instead. */
export function listen(onEvent, onAsk) {
  let failures = 0;
  let timer = 0;
  let source = null;

  function ask(on) {
    if (on && !timer) timer = setInterval(onAsk, ASK_EVERY);
    if (!on && timer) timer = clearInterval(timer) ?? 0;
  }

  function connect() {
    source = new EventSource("/events");
    source.onopen = () => {
      // Whatever happened between the page's loading, or a lost connection, and now.
      failures = 0;
      ask(false);
      onAsk();
    };
    source.onmessage = (message) => onEvent(JSON.parse(message.data));
    source.onerror = () => {
      ask(true);
      failures += 1;
      if (source.readyState === EventSource.CLOSED || failures >= GIVE_UP_AFTER) {
        source.close();
        setTimeout(connect, 15_000);
      }
    };
  }

  if ("EventSource" in window) connect();
  else ask(true);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
}
