// One event stream for all tabs of a browser: it opens only six connections to a service at a time.

const ports = new Set();
let source = null;
let state = "closed";
let failures = 0;
let retry = 0;

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function setState(next) {
  if (state !== next || next === "open") tell({ state: next });
  state = next;
}

function connect() {
  if (source || !ports.size) return;
  clearTimeout(retry);
  source = new EventSource("/events");
  source.onopen = () => { failures = 0; setState("open"); };
  source.onmessage = (message) => tell({ event: JSON.parse(message.data) });
  source.onerror = () => {
    failures += 1;
    setState("lost");
    if (source.readyState === EventSource.CLOSED || failures >= 3) {
      close();
      retry = setTimeout(connect, 5000);
    }
  };
}

function close() {
  source?.close();
  source = null;
}

onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data !== "close") return;
    ports.delete(port);
    if (!ports.size) { close(); state = "closed"; }
  };
  port.postMessage({ state });
  connect();
};
