package validate

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubemint/kubemint/internal/cron"
)

func createCronJob(r *report, c *batchv1.CronJob) {
	r.meta(&c.ObjectMeta, true, subdomainName)
	cronJobSpec(r, &c.Spec, nil)
	if len(c.Name) > validation.DNS1035LabelMaxLength-11 { // a job's name adds a dash and ten digits
		r.invalid(metadata.Child("name"), c.Name, "must be no more than 52 characters")
	}
}

func cronJobSpec(r *report, s, old *batchv1.CronJobSpec) {
	p := field.NewPath("spec")
	if s.Schedule == "" {
		r.required(p.Child("schedule"), "")
	} else {
		schedule(r, p.Child("schedule"), s, old)
	}
	notNegativePtr(r, p.Child("startingDeadlineSeconds"), s.StartingDeadlineSeconds)
	if s.TimeZone != nil && (old == nil || old.TimeZone == nil || *old.TimeZone != *s.TimeZone) {
		timeZone(r, p.Child("timeZone"), *s.TimeZone)
	}
	need(r, p.Child("concurrencyPolicy"), s.ConcurrencyPolicy, batchv1.AllowConcurrent, batchv1.ForbidConcurrent, batchv1.ReplaceConcurrent)
	at := p.Child("jobTemplate", "spec")
	jobSpec(r, at, &s.JobTemplate.Spec)
	if s.JobTemplate.Spec.Selector != nil {
		r.invalid(at.Child("selector"), s.JobTemplate.Spec.Selector, "`selector` will be auto-generated")
	}
	if m := s.JobTemplate.Spec.ManualSelector; m != nil && *m {
		r.list = append(r.list, field.NotSupported(at.Child("manualSelector"), *m, []string{"nil", "false"}))
	}
	notNegativePtr(r, p.Child("successfulJobsHistoryLimit"), s.SuccessfulJobsHistoryLimit)
	notNegativePtr(r, p.Child("failedJobsHistoryLimit"), s.FailedJobsHistoryLimit)
}

// schedule: a zone inside a schedule is left to jobs that already have one.
func schedule(r *report, p *field.Path, s, old *batchv1.CronJobSpec) {
	if _, err := cron.Parse(s.Schedule); err != nil {
		r.invalid(p, s.Schedule, err.Error())
	}
	if !strings.Contains(s.Schedule, "TZ") {
		return
	}
	switch had := old != nil && strings.Contains(old.Schedule, "TZ"); {
	case had && s.TimeZone != nil:
		r.invalid(p, s.Schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")
	case !had:
		r.invalid(p, s.Schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
	}
}

var zonePart = regexp.MustCompile(`^[A-Za-z\.\-_0-9+]{1,14}$`)

// timeZone: a name of the time zone database, which is also a path on disk: hence the care.
func timeZone(r *report, p *field.Path, zone string) {
	if zone == "" {
		r.invalid(p, zone, "timeZone must be nil or non-empty string")
		return
	}
	for _, part := range strings.Split(zone, "/") {
		if part == "." || part == ".." || strings.HasPrefix(part, "-") || !zonePart.MatchString(part) {
			r.invalid(p, zone, fmt.Sprintf("unknown time zone %s", zone))
			return
		}
	}
	if strings.EqualFold(zone, "Local") {
		r.invalid(p, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
	}
	if _, err := time.LoadLocation(zone); err != nil {
		r.invalid(p, zone, err.Error())
	}
}
