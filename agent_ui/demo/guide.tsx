/** What to do, and the logins. */
import type { Company } from "./api";
import { fill, inLanguage, type Language, type Words } from "./words";

export function Guide({ company, words, language }: { company: Company; words: Words; language: Language }) {
  return (
    <aside class="guide">
      <h2>{words.todo}</h2>
      <ol>
        <li>
          {words.step1}{" "}
          <a class="button primary" href="/" target="_blank" rel="noopener">
            {words.step1_link}
          </a>
        </li>
        <li>{words.step2}</li>
        <li>{words.step3}</li>
        <li>{words.step4}</li>
      </ol>
      <h2>{words.logins}</h2>
      <p class="password">{fill(words.password, { password: company.logins[0]?.password ?? "" })}</p>
      <ul class="logins">
        {company.logins.map((login) => (
          <li key={login.username}>
            <code>{login.username}</code>
            <span>{inLanguage(login.about, language)}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
