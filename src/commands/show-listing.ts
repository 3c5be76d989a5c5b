import { allPages, type Page, type PageRequest } from '../store/pagination';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { say, sayJson } from './output';

/** Texts of a listing, and the exit code where it is not empty. */
interface ListingTexts<T> {
  readonly none: string;
  readonly some: (items: readonly T[]) => string;
  /** `EXIT.done` where it is absent. */
  readonly codeOfSome?: ExitCode;
}

/** The exit code of a command that shows all pages of a listing, as JSON or in words. */
export async function showListing<T>(
  json: boolean | undefined,
  load: (context: OperatorContext, page: PageRequest) => Promise<Page<T>>,
  { none, some, codeOfSome = EXIT.done }: ListingTexts<T>,
): Promise<ExitCode> {
  return withStore(async (context) => {
    const listing = await allPages((page) => load(context, page));
    const isEmpty = listing.items.length === 0;
    if (json === true) sayJson(listing);
    else say(isEmpty ? none : some(listing.items));
    return isEmpty ? EXIT.done : codeOfSome;
  });
}
