/** The choice of whom to play. */
import type { Person } from "./api";
import { inLanguage, type Language, type Words } from "./words";

interface Props {
  people: readonly Person[];
  chosen: Person;
  choose: (person: Person) => void;
  words: Words;
  language: Language;
}

export function People({ people, chosen, choose, words, language }: Props) {
  return (
    <section class="people">
      <h2 id="who">{words.who}</h2>
      <div role="radiogroup" aria-labelledby="who" class="choices">
        {people.map((person) => (
          <label key={person.key} class={person.key === chosen.key ? "person chosen" : "person"}>
            <input type="radio" name="person" checked={person.key === chosen.key} onChange={() => choose(person)} />
            <span class={`face ${person.tier}`} aria-hidden="true">
              {initials(person.name)}
            </span>
            <span class="about">
              <span class="name">
                {person.name} {person.known && <span class={`tier ${person.tier}`}>{words[`tier_${person.tier}`]}</span>}
              </span>
              <span class="story">{inLanguage(person.about, language)}</span>
            </span>
          </label>
        ))}
      </div>
      <dl class="facts">
        <dt>{words.sms}</dt>
        <dd>{chosen.phone}</dd>
        <dt>{words.mail}</dt>
        <dd>{chosen.email}</dd>
        {chosen.number && (
          <>
            <dt>{words.your_number}</dt>
            <dd>{chosen.number}</dd>
          </>
        )}
        {chosen.order_no && (
          <>
            <dt>{words.your_order}</dt>
            <dd>{chosen.order_no}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function initials(name: string): string {
  const words = name.split(" ");
  const letters = words.length > 1 ? words.map((word) => word.charAt(0)).join("") : name.slice(-2);
  return letters.slice(0, 2);
}
