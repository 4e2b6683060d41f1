// The reader's choices for all pages: language, and light or dark. Cookies keep them, so that the next page comes as chosen.

function choose(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

document.getElementById("language").addEventListener("change", ({ target }) => {
  choose("language", target.value);
  location.reload();
});

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  choose("theme", root.dataset.theme);
});
