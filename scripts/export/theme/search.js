/* The index's search: lessons whose title, lead or headings hold every word that is typed stay. */
(() => {
  const box = document.querySelector('input.search');
  const lessons = [...document.querySelectorAll('.lessons li')];
  const words = lessons.map(lesson => `${lesson.textContent} ${lesson.dataset.words}`.toLowerCase());
  box.addEventListener('input', () => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    lessons.forEach((lesson, i) => {
      lesson.hidden = !wanted.every(word => words[i].includes(word));
    });
    document.querySelector('.none').hidden = lessons.some(lesson => !lesson.hidden);
  });
})();
