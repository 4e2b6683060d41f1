// The page's language. English sentences are the keys of one JSON file for each other language.

export const language = document.documentElement.lang;
/** For dates and numbers: the reader's own variant of the page's language, such as `en-GB`. */
export const locale = navigator.languages.find((each) => each.split("-")[0] === language) ?? language;

const { page = {}, service = {} } = language === "en" ? {} : await fetch(`/static/${language}.json`).then((file) => file.json()).catch(() => ({}));
const patterns = Object.keys(service).filter((key) => key.includes("{")).map((key) => [patternOf(key), key]);

/** A sentence of the page; `{name}` in it stands for a value. */
export const t = (sentence, values = {}) => fill(page[sentence] ?? sentence, values);

/** A sentence that the service said in English. */
export function told(sentence) {
  if (!sentence) return "";
  if (service[sentence]) return service[sentence];
  for (const [pattern, key] of patterns) {
    const found = pattern.exec(sentence);
    if (found) return fill(service[key], Object.fromEntries(Object.entries(found.groups).map(([name, value]) => [name, told(value)])));
  }
  return sentence;
}

export const number = (value, digits = 0) => value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const day = (time, parts) => new Date(time).toLocaleDateString(locale, parts);

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function patternOf(key) {
  const literal = key.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`, "s");
}
