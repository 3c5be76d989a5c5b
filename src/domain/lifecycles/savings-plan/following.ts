import { momentOf } from '../../partner-time';
import type { LocalCalendar } from '../local-calendar';
import type { PlanNews } from './plan-news';

/** The news with the recurrence that follows the one it names, by the partner's local time. */
export function withFollowing(news: PlanNews, calendar: LocalCalendar): PlanNews {
  if (news.kind !== 'upcoming' || news.nextRecurrence === null) return news;
  const nextMs = momentOf(news.nextRecurrence);
  if (nextMs === null) return news;
  const { frequency, day } = news;
  const isMonthly = frequency === 'monthly' || frequency === null;
  const following = calendar.periodLater(new Date(nextMs).toISOString(), frequency, isMonthly ? (day ?? null) : null);
  return { ...news, following };
}
