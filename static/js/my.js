// The profile form: counts while one writes, terms found by typing, and a word before work is lost.
"use strict";
(() => {
  // Like Python's len after `cleaned`: code points, one for each line break, none at the ends.
  const length = (text) => [...text.replace(/\r\n?/g, "\n").replace(/\n{3,}/g, "\n\n").replace(/ {2,}/g, " ").trim()].length;
  const number = (n) => n.toLocaleString("en-US");

  function count(area) {
    if (area.counted || area.name.includes("__prefix__")) return;
    area.counted = true;
    const limit = Number(area.dataset.limit);
    const line = document.createElement("p");
    const spoken = document.createElement("span");
    line.className = "count";
    spoken.className = "visually-hidden";
    spoken.setAttribute("role", "status");
    area.after(line, spoken);
    let wait;
    const show = () => {
      const left = limit - length(area.value);
      line.textContent = left < 0
        ? `${number(-left)} characters too many`
        : `${number(limit - left)} of ${number(limit)} characters`;
      line.classList.toggle("over", left < 0);
      clearTimeout(wait);
      // Said aloud only near the end, and once a pause is made.
      if (left < limit / 10) wait = setTimeout(() => { spoken.textContent = left < 0 ? line.textContent : `${left} characters left`; }, 1000);
      else spoken.textContent = "";
    };
    area.addEventListener("input", show);
    show();
  }

  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function filterTerms(boxes) {
    const groups = [...boxes.querySelectorAll("details")].map((group) => ({
      group, title: folded(group.querySelector("summary").firstChild.textContent),
      chosen: group.querySelector(".chosen"),
      labels: [...group.querySelectorAll("label")].map((label) => ({
        label, box: label.querySelector("input"), words: folded(label.textContent),
      })),
    }));
    const label = document.createElement("label");
    label.className = "find-term";
    label.textContent = boxes.dataset.filterLabel;
    const field = document.createElement("input");
    field.type = "search";
    field.autocomplete = "off";
    label.append(field);
    const status = document.createElement("p");
    status.className = "count";
    status.setAttribute("role", "status");
    boxes.prepend(label, status);

    const filter = () => {
      const asked = folded(field.value).split(/\s+/).filter(Boolean);
      let found = 0;
      for (const one of groups) {
        const whole = asked.length > 0 && asked.every((word) => one.title.includes(word));
        let here = 0;
        for (const { label, words } of one.labels) {
          const fits = whole || asked.every((word) => words.includes(word));
          label.hidden = !fits;
          here += fits;
        }
        one.group.hidden = here === 0;
        one.group.open = asked.length > 0 && here > 0;
        found += here;
      }
      status.textContent = asked.length ? `${found} ${found === 1 ? "word fits" : "words fit"}` : "";
    };
    field.addEventListener("input", filter);
    // Enter takes the only one that fits, and saves nothing.
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const left = groups.flatMap((one) => one.labels).filter(({ label }) => !label.hidden);
      if (left.length === 1) left[0].box.click();
    });
    boxes.addEventListener("change", () => {
      for (const one of groups) {
        const ticked = one.labels.filter(({ box }) => box.checked);
        one.chosen.textContent = ticked.map(({ label }) => label.textContent.trim()).join(", ") || "not stated";
      }
    });
  }

  function warnBeforeLeaving(form) {
    let changed = false;
    form.addEventListener("input", (event) => { changed ||= Boolean(event.target.name); });
    form.addEventListener("submit", () => { changed = false; });
    addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }

  addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("myprofile_form");
    if (!form) return;
    const countAll = () => form.querySelectorAll("textarea[data-limit]").forEach(count);
    countAll();
    document.addEventListener("formset:added", countAll);
    form.querySelectorAll(".term-boxes").forEach(filterTerms);
    warnBeforeLeaving(form);
  });
})();
