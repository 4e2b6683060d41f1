// Live progress: one stream for the whole browser, and polling where a stream does not get through.

const POLL_MILLISECONDS = 2000;

/** Calls `onEvent` with each event, and `onPoll` after each connection and, while there is no stream, every 2 s. */
export function listen(onEvent, onPoll) {
  let timer = 0;

  function setState(state) {
    if (state === "open") {
      // Whatever happened between the page's loading, or a lost connection, and now.
      timer = clearInterval(timer) ?? 0;
      onPoll();
    } else if (state === "lost" && !timer) {
      timer = setInterval(onPoll, POLL_MILLISECONDS);
    }
  }

  const open = "SharedWorker" in window ? openShared : openOwn;
  let close = open(onEvent, setState);
  addEventListener("pagehide", () => close());
  addEventListener("pageshow", (event) => { if (event.persisted) close = open(onEvent, setState); });
}

function openShared(onEvent, setState) {
  const worker = new SharedWorker("/static/events_worker.js");
  worker.port.onmessage = ({ data }) => (data.event ? onEvent(data.event) : setState(data.state));
  return () => worker.port.postMessage("close");
}

function openOwn(onEvent, setState) {
  let source = null;
  let retry = 0;
  function connect() {
    source = new EventSource("/events");
    source.onopen = () => setState("open");
    source.onmessage = (message) => onEvent(JSON.parse(message.data));
    source.onerror = () => {
      setState("lost");
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 5000);
    };
  }
  connect();
  return () => { clearTimeout(retry); source.close(); };
}
