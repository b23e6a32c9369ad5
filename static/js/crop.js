// Lets a therapist choose the square of a new photo: drag it, pinch or turn the wheel, or use the
// arrow keys, plus and minus. Without this script the middle of the photo is taken.
// The preview is a canvas: the file is read here and sent nowhere before the form is.
"use strict";

for (const box of document.querySelectorAll("[data-crop]")) {
  const input = box.querySelector("input[type=file]");
  const parts = Object.fromEntries(
    [...box.querySelectorAll("[data-part]")].map((field) => [field.dataset.part, field]),
  );
  input.addEventListener("change", () => choose(box, input, parts));
}

const DENSITY = 2; // canvas pixels for one of the page

async function choose(box, input, parts) {
  box.querySelector(".crop")?.remove();
  for (const field of Object.values(parts)) field.value = "";
  const [file] = input.files;
  if (!file) return;
  let picture;
  try {
    picture = await createImageBitmap(file); // upright, as the photo says
  } catch {
    return; // not a photo that this browser reads: the server says what is wrong with it
  }
  if (input.files[0] !== file) return; // another one was chosen meanwhile
  new Crop(picture, parts).show(box);
}

class Crop {
  constructor(picture, parts) {
    this.picture = picture;
    this.parts = parts;
    this.short = Math.min(picture.width, picture.height);
    this.smallest = Math.min(1, 160 / this.short); // smaller would be a blur
    this.side = 1;
    this.x = (picture.width - this.short) / 2;
    this.y = (picture.height - this.short) / 2;
    this.fingers = new Map();
  }

  show(box) {
    const holder = document.createElement("div");
    holder.className = "crop";
    const help = `${box.querySelector("input[type=file]").id}-crop-help`;
    holder.innerHTML = `<canvas width="576" height="576" tabindex="0" role="application"
      aria-label="The part of the photo that people will see" aria-describedby="${help}"></canvas>
      <label>Closer <input type="range" min="0" max="100" value="0"></label>
      <p class="help" id="${help}">Drag the photo, or use the arrow keys, to move it. Plus and minus
      bring it closer and further away. People see the circle.</p>`;
    box.append(holder);
    this.canvas = holder.querySelector("canvas");
    this.slider = holder.querySelector("input");
    this.listen();
    this.draw();
  }

  listen() {
    const { canvas } = this;
    this.slider.addEventListener("input", () => {
      this.zoomTo(this.smallest ** (this.slider.value / 100));
    });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomTo(this.side * (event.deltaY < 0 ? 0.95 : 1.05));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
    });
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    }
  }

  key(event) {
    const step = 0.04 * this.side * this.short;
    const moves = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) this.move(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomTo(this.side * 0.93);
    else if (event.key === "-") this.zoomTo(this.side * 1.07);
    else return;
    event.preventDefault();
  }

  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const others = [...this.fingers.values()].filter((one) => one.pointerId !== event.pointerId);
    if (others.length) {
      const [other] = others;
      const was = Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY);
      const is = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
      if (is > 1) this.zoomTo((this.side * was) / is);
    } else {
      const scale = (this.side * this.short) / this.canvas.clientWidth;
      this.move((before.clientX - event.clientX) * scale, (before.clientY - event.clientY) * scale);
    }
    this.fingers.set(event.pointerId, event);
  }

  // In pixels of the photo.
  move(right, down) {
    this.x += right;
    this.y += down;
    this.draw();
  }

  // The middle stays where it is.
  zoomTo(side) {
    const next = Math.min(1, Math.max(this.smallest, side));
    const wider = ((next - this.side) * this.short) / 2;
    this.side = next;
    this.move(-wider, -wider);
  }

  draw() {
    const { picture, canvas } = this;
    const side = this.side * this.short;
    this.x = Math.min(Math.max(this.x, 0), picture.width - side);
    this.y = Math.min(Math.max(this.y, 0), picture.height - side);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.fillStyle = "#fff"; // as the server does beneath what is transparent
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, this.x, this.y, side, side, 0, 0, canvas.width, canvas.height);
    this.drawCircle(pen, canvas.width / 2);
    this.write();
  }

  drawCircle(pen, radius) {
    pen.fillStyle = "rgb(0 0 0 / 45%)";
    pen.beginPath();
    pen.rect(0, 0, 2 * radius, 2 * radius);
    pen.arc(radius, radius, radius - DENSITY, 0, 2 * Math.PI, true);
    pen.fill();
    pen.lineWidth = DENSITY;
    pen.strokeStyle = "#fff";
    pen.beginPath();
    pen.arc(radius, radius, radius - DENSITY, 0, 2 * Math.PI);
    pen.stroke();
  }

  write() {
    this.parts.x.value = (this.x / this.picture.width).toFixed(5);
    this.parts.y.value = (this.y / this.picture.height).toFixed(5);
    this.parts.side.value = this.side.toFixed(5);
    const range = Math.log(this.smallest);
    this.slider.value = range ? (100 * Math.log(this.side)) / range : 0;
    this.slider.disabled = !range;
  }
}
