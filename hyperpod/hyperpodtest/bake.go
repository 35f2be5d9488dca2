package hyperpodtest

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// bake waits after a batch. An alarm that fires meanwhile rolls the update back.
func (g *group) bake(now time.Time) {
	u := g.update
	var seconds int32
	if u.config != nil {
		seconds = aws.ToInt32(u.config.WaitIntervalInSeconds)
	}
	u.baking = true
	if len(u.alarmNames()) > 0 {
		g.say(now, info, nil, "Baking period started for IG %s in Cluster %s. Monitoring alarms [%s] for %d seconds.", g.name(), g.cluster.name, strings.Join(u.alarmNames(), ", "), seconds)
	}
	g.watchAlarms(now)
	if !u.baking {
		return
	}
	g.cluster.server.timeline.schedule(now.Add(time.Duration(seconds)*time.Second), func(now time.Time) {
		if g.update != u || !u.baking {
			return
		}
		u.baking = false
		if len(u.alarmNames()) > 0 {
			g.say(now, info, nil, "Baking period completed for IG %s in Cluster %s. No alarms triggered during the %d-second baking period.", g.name(), g.cluster.name, seconds)
		}
		g.nextBatch(now)
	})
}

func (u *softwareUpdate) alarmNames() []string {
	var names []string
	if u.config != nil {
		for _, a := range u.config.AutoRollbackConfiguration {
			names = append(names, aws.ToString(a.AlarmName))
		}
	}
	return names
}

// watchAlarms rolls a baking update back if one of its alarms fires.
func (g *group) watchAlarms(now time.Time) {
	u := g.update
	if u == nil || !u.baking {
		return
	}
	for _, name := range u.alarmNames() {
		if g.cluster.server.alarms[name] {
			u.baking = false
			u.failure = "Alarm " + name + " entered ALARM state."
			g.say(now, failure, nil, "Baking period failed for IG %s in Cluster %s. Alarms [%s] entered ALARM state. Initiating auto-rollback.", g.name(), g.cluster.name, name)
			g.rollBack(now)
			return
		}
	}
}
