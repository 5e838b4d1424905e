// Sends each photo on its own, shows how far it is, and keeps trying while the network is away.

const form = document.getElementById("upload");
if (form) start();

function start() {
  const drop = document.getElementById("drop");
  const list = document.getElementById("uploads");
  const template = document.getElementById("upload-row");
  const waiting = [];
  const paused = new Set(); // to be tried again later
  let sending = 0;
  const AT_ONCE = 2;
  const STALLED_MS = 60_000; // a connection that moves nothing for so long is dead
  const most = Number(form.dataset.mostBytes);

  for (const input of form.querySelectorAll("input[type=file]")) {
    const take = () => {
      add(input.files);
      input.value = "";
    };
    input.addEventListener("change", take);
    if (input.files.length) take(); // chosen before this script had arrived
  }
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      if (kind === "drop" || !form.contains(event.relatedTarget)) drop.classList.remove("over");
    });
  }
  form.addEventListener("drop", (event) => add(event.dataTransfer.files));
  window.addEventListener("beforeunload", (event) => {
    if (sending || waiting.length || paused.size) event.preventDefault();
  });
  window.addEventListener("online", () => paused.forEach(resume));

  function add(files) {
    const bay = form.querySelector("input[name=bay]:checked")?.value ?? "";
    for (const file of files) {
      const job = row(file, bay);
      if (file.size > most) {
        fail(job, `The file has ${Math.round(file.size / 1e6)} MB; at most ${Math.round(most / 1e6)} MB are accepted.`, false);
      } else {
        waiting.push(job);
      }
    }
    next();
  }

  function row(file, bay) {
    const element = template.content.firstElementChild.cloneNode(true);
    const thumb = element.querySelector("img");
    thumb.src = URL.createObjectURL(file);
    thumb.addEventListener("error", () => { thumb.hidden = true; });
    element.querySelector(".upload-name").textContent = file.name;
    const job = { file, bay, element, tries: 0, request: null, timer: 0 };
    element.querySelector(".upload-cancel").addEventListener("click", () => cancel(job));
    element.querySelector(".upload-again").addEventListener("click", () => {
      element.classList.remove("failed");
      element.querySelector(".upload-again").hidden = true;
      waiting.push(job);
      next();
    });
    say(job, "Waiting to be sent");
    list.append(element);
    return job;
  }

  function next() {
    while (sending < AT_ONCE && waiting.length) send(waiting.shift());
  }

  function send(job) {
    sending += 1;
    const data = new FormData();
    data.append("bay", job.bay);
    data.append("photo", job.file);
    const request = new XMLHttpRequest();
    job.request = request;
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.responseType = "json";
    let stall = 0;
    const watch = () => {
      clearTimeout(stall);
      stall = setTimeout(() => {
        request.abort();
        later(job);
      }, STALLED_MS);
    };
    request.upload.addEventListener("progress", (event) => {
      watch();
      const part = event.lengthComputable ? event.loaded / event.total : 0;
      job.element.querySelector("progress").value = part;
      say(job, part < 1 ? `Sending, ${Math.round(part * 100)} %` : "Sent, being checked");
    });
    request.addEventListener("load", () => done(job, request));
    request.addEventListener("error", () => later(job));
    request.addEventListener("loadend", () => {
      clearTimeout(stall);
      sending -= 1;
      next();
    });
    say(job, "Sending");
    watch();
    request.send(data);
  }

  function done(job, request) {
    const answer = request.response;
    if (answer?.photo) {
      finish(job);
    } else if (request.status === 422 && answer?.message) {
      fail(job, answer.message, false);
    } else if (request.status >= 500) {
      later(job);
    } else if (request.responseURL.includes(document.body.dataset.signIn)) {
      fail(job, "You are signed out. Sign in again in another tab, then try again.", true);
    } else {
      fail(job, `The server did not take the photo (answer ${request.status}). Load the page again and retry.`, true);
    }
  }

  // The photo is on the server: its own card shows it from here on.
  function finish(job) {
    URL.revokeObjectURL(job.element.querySelector("img").src);
    job.element.remove();
    htmx.trigger(document.body, "photos-changed");
  }

  function later(job) {
    job.tries += 1;
    const seconds = Math.min(2 ** job.tries, 30);
    say(job, navigator.onLine
      ? `Could not be sent. Trying again in ${seconds} seconds.`
      : "No network. It is sent as soon as the network is back.");
    paused.add(job);
    job.timer = setTimeout(() => resume(job), seconds * 1000);
  }

  function resume(job) {
    clearTimeout(job.timer);
    paused.delete(job);
    waiting.push(job);
    next();
  }

  function fail(job, words, again) {
    job.element.classList.add("failed");
    job.element.querySelector("progress").value = 0;
    job.element.querySelector(".upload-again").hidden = !again;
    say(job, words);
  }

  function cancel(job) {
    clearTimeout(job.timer);
    paused.delete(job);
    const at = waiting.indexOf(job);
    if (at >= 0) waiting.splice(at, 1);
    job.request?.abort();
    job.element.remove();
  }

  function say(job, words) {
    job.element.querySelector(".upload-word").textContent = words;
  }
}
